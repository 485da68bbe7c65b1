/** Server-side encryption in the whole program: the real server, the real SDK, and a KMS that does as it is told. */
import assert from "node:assert/strict"
import { readFile, rename, writeFile } from "node:fs/promises"
import path from "node:path"
import { type TestContext, test } from "node:test"
import {
  CreateDeliveryStreamCommand,
  type DeliveryStreamEncryptionConfigurationInput,
  type FirehoseClient,
  InvalidKMSResourceException,
  PutRecordBatchCommand,
  PutRecordCommand,
  StartDeliveryStreamEncryptionCommand,
  StopDeliveryStreamEncryptionCommand,
} from "@aws-sdk/client-firehose"
import { KmsDouble } from "./kms-double/index.ts"
import { objectsIn } from "./support/bucket-folder.ts"
import { askAdmin, createStream, describe, firehoseClient, flush } from "./support/firehose.ts"
import { filesThatHold } from "./support/in-the-clear.ts"
import { type ServerOptions, Stage } from "./support/running-server.ts"
import { until } from "./support/until.ts"

/** Part of every record, and to be found nowhere but in what was delivered. */
const marker = "the-plain-text-of-a-record"
const DeliveryStreamName = "orders"
const keyCredentials = { AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" }

async function startKms(t: TestContext): Promise<KmsDouble> {
  const kms = await KmsDouble.start()
  t.after(() => kms.close())
  return kms
}

/** A server that asks a KMS. Its folder is searched for records in the clear once it has ended. */
const using = (kms: KmsDouble): ServerOptions => ({
  environment: { ...keyCredentials, AWS_ENDPOINT_URL_KMS: kms.endpoint },
})

function customerKey(KeyARN: string): DeliveryStreamEncryptionConfigurationInput {
  return { KeyType: "CUSTOMER_MANAGED_CMK", KeyARN }
}

async function startEncryption(client: FirehoseClient, input?: DeliveryStreamEncryptionConfigurationInput) {
  const DeliveryStreamEncryptionConfigurationInput = input
  await client.send(
    new StartDeliveryStreamEncryptionCommand({ DeliveryStreamName, DeliveryStreamEncryptionConfigurationInput }),
  )
  await until(async () => (await encryptionOf(client)).Status === "ENABLED")
}

async function encryptionOf(client: FirehoseClient) {
  return (await describe(client, DeliveryStreamName)).DeliveryStreamEncryptionConfiguration ?? assert.fail()
}

async function put(client: FirehoseClient, text: string) {
  const Data = Buffer.from(`${text} ${marker}\n`)
  return (await client.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data } }))).Encrypted
}

/** The files below a folder that hold the marker, but for delivered objects. */
async function inTheClear(dataFolder: string): Promise<string[]> {
  return filesThatHold(dataFolder, new RegExp(marker), path.join(dataFolder, "buckets"))
}

async function delivered(stage: Stage): Promise<string[]> {
  const objects = await objectsIn(stage.dataFolder, DeliveryStreamName)
  return objects.flatMap(({ bytes }) => bytes.toString().split("\n").slice(0, -1))
}

test("Encrypted records outlive a kill, are delivered once, and are nowhere in the clear before", async (t) => {
  const stage = await Stage.open(t)
  const first = await stage.start()
  const client = firehoseClient(first.apiUrl)
  await createStream(client, DeliveryStreamName)
  await startEncryption(client)
  assert.deepEqual(await encryptionOf(client), { KeyType: "AWS_OWNED_CMK", Status: "ENABLED" })
  assert.equal(await put(client, "one"), true)
  // Another data key: what the first one sealed is still to be read.
  await startEncryption(client)
  const Records = ["two", "three"].map((text) => ({ Data: Buffer.from(`${text} ${marker}\n`) }))
  const { Encrypted } = await client.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }))
  assert.equal(Encrypted, true)
  await first.process.end("SIGKILL")
  assert.deepEqual(await inTheClear(stage.dataFolder), [])
  const second = await stage.start()
  assert.equal(await put(firehoseClient(second.apiUrl), "four"), true)
  await flush(second.adminUrl, [DeliveryStreamName])
  await second.process.end("SIGTERM")
  assert.deepEqual(await inTheClear(stage.dataFolder), [])
  assert.deepEqual(
    (await delivered(stage)).sort(),
    ["one", "two", "three", "four"].map((text) => `${text} ${marker}`).sort(),
  )
})

test("A stream goes from one key of KMS to another, to none, and delivers what each of them sealed", async (t) => {
  const kms = await startKms(t)
  const stage = await Stage.open(t)
  const { apiUrl, adminUrl } = await stage.start(using(kms))
  const client = firehoseClient(apiUrl)
  const [KeyARN, other] = [kms.createKey("one"), kms.createKey("two")]
  await client.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName,
      DeliveryStreamEncryptionConfigurationInput: customerKey(KeyARN),
      ExtendedS3DestinationConfiguration: {
        RoleARN: "arn:aws:iam::000000000000:role/delivery",
        BucketARN: `arn:aws:s3:::${DeliveryStreamName}`,
      },
    }),
  )
  await until(async () => (await describe(client, DeliveryStreamName)).DeliveryStreamStatus === "ACTIVE")
  assert.deepEqual(await encryptionOf(client), { KeyARN, KeyType: "CUSTOMER_MANAGED_CMK", Status: "ENABLED" })
  assert.equal(await put(client, "one"), true)
  await startEncryption(client, customerKey(other))
  assert.equal((await encryptionOf(client)).KeyARN, other)
  assert.equal(await put(client, "two"), true)
  assert.deepEqual(await inTheClear(stage.dataFolder), [])
  await client.send(new StopDeliveryStreamEncryptionCommand({ DeliveryStreamName }))
  await until(async () => (await encryptionOf(client)).Status === "DISABLED")
  assert.deepEqual(await encryptionOf(client), { Status: "DISABLED" })
  assert.equal(await put(client, "three"), false)
  await flush(adminUrl, [DeliveryStreamName])
  assert.equal((await delivered(stage)).length, 3)
  // What was made is used as it is: nothing was asked to be unwrapped.
  assert.ok(kms.requests.every(({ operation }) => operation === "GenerateDataKey"))
})

test("A disabled key refuses puts and holds delivery up until it is enabled, and is told of", async (t) => {
  const kms = await startKms(t)
  const stage = await Stage.open(t)
  const first = await stage.start(using(kms))
  const KeyARN = kms.createKey("k")
  const client = firehoseClient(first.apiUrl)
  await createStream(client, DeliveryStreamName, {
    CloudWatchLoggingOptions: { Enabled: true, LogGroupName: "delivery", LogStreamName: "orders" },
  })
  await startEncryption(client, customerKey(KeyARN))
  await put(client, "one")
  await first.process.end("SIGKILL")
  kms.setState(KeyARN, "DisabledException")
  // The key is not in memory any more, so it is asked for.
  const second = await stage.start(using(kms))
  const again = firehoseClient(second.apiUrl)
  await assert.rejects(put(again, "two"), (error) => {
    assert.ok(error instanceof InvalidKMSResourceException)
    assert.equal(error.code, "DisabledException")
    return true
  })
  const { status } = await askAdmin(second.adminUrl, "POST", `/streams/${DeliveryStreamName}/flush?timeout-seconds=1`)
  assert.notEqual(status, 200)
  const errorLog = path.join(stage.dataFolder, "error-logs", "delivery", "orders.jsonl")
  await until(async () => (await readFile(errorLog, "utf8").catch(() => "")).includes("Firehose.KMS.KeyDisabled"))
  assert.match(await (await fetch(`${second.adminUrl}/metrics`)).text(), /kms_?key_?disabled\S*orders\S* [1-9]/i)
  assert.deepEqual(await delivered(stage), [])
  kms.setState(KeyARN, "enabled")
  // It is asked again ten seconds after it refused.
  await flush(second.adminUrl, [DeliveryStreamName])
  assert.deepEqual(await delivered(stage), [`one ${marker}`])
  await until(() =>
    put(again, "three")
      .catch(() => false)
      .then((encrypted) => encrypted === true),
  )
})

test("A KMS that is away fails a start of encryption, and refuses no put that clients would not repeat", async (t) => {
  const kms = await startKms(t)
  const { endpoint, port } = kms
  const stage = await Stage.open(t)
  const options = { environment: { ...keyCredentials, AWS_ENDPOINT_URL_KMS: endpoint } }
  const first = await stage.start(options)
  const client = firehoseClient(first.apiUrl)
  await createStream(client, DeliveryStreamName)
  const KeyARN = kms.createKey("k")
  await kms.close()
  const input = { DeliveryStreamName, DeliveryStreamEncryptionConfigurationInput: customerKey(KeyARN) }
  await client.send(new StartDeliveryStreamEncryptionCommand(input))
  await until(async () => (await encryptionOf(client)).Status === "ENABLING_FAILED")
  assert.equal((await encryptionOf(client)).FailureDescription?.Type, "UNKNOWN_ERROR")
  assert.equal(await put(client, "clear"), false)
  await flush(first.adminUrl, [DeliveryStreamName])
  await kms.listen(port)
  await startEncryption(client, customerKey(KeyARN))
  await kms.close()
  assert.equal(await put(client, "one"), true)
  await first.process.end("SIGKILL")
  const second = await stage.start(options)
  await assert.rejects(put(firehoseClient(second.apiUrl), "two"), { name: "ServiceUnavailableException" })
  await kms.listen(port)
})

test("A key file that is lost stops its streams and no others, and is never made anew", async (t) => {
  const stage = await Stage.open(t)
  const first = await stage.start()
  const client = firehoseClient(first.apiUrl)
  await createStream(client, DeliveryStreamName)
  await createStream(client, "other")
  await startEncryption(client)
  await put(client, "one")
  await first.process.end("SIGKILL")
  const file = path.join(stage.dataFolder, "keys", "encryption.keys")
  await rename(file, `${file}.elsewhere`)
  const second = await stage.start()
  assert.match(
    second.process.output,
    /"stream":"orders".*is not in the encryption key file: restore it, or they are lost/,
  )
  const again = firehoseClient(second.apiUrl)
  await assert.rejects(put(again, "two"), InvalidKMSResourceException)
  await again.send(new PutRecordCommand({ DeliveryStreamName: "other", Record: { Data: Buffer.from("taken") } }))
  const start = new StartDeliveryStreamEncryptionCommand({ DeliveryStreamName: "other" })
  await assert.rejects(again.send(start), InvalidKMSResourceException)
  await second.process.end("SIGTERM")
  await assert.rejects(readFile(file), { code: "ENOENT" })
  await rename(`${file}.elsewhere`, file)
  const third = await stage.start()
  await flush(third.adminUrl, [DeliveryStreamName])
  assert.deepEqual(await delivered(stage), [`one ${marker}`])
})

test("A key file that is named must be there, and be one", async (t) => {
  const stage = await Stage.open(t)
  const options = { flags: ["--encryption-key-file", "my.keys"] }
  await assert.rejects(stage.start(options), /there is no encryption-key-file "my.keys". Make one/)
  await writeFile(path.join(stage.folder, "my.keys"), "too short\n")
  await assert.rejects(stage.start(options), /"my.keys" can't be used: line 1 is not 32 bytes in Base64/)
})

test("With kms local the server's own keys stand in for those of KMS", async (t) => {
  const stage = await Stage.open(t)
  const { apiUrl, adminUrl } = await stage.start({ flags: ["--kms", "local"] })
  const client = firehoseClient(apiUrl)
  await createStream(client, DeliveryStreamName)
  const KeyARN = "arn:aws:kms:us-east-1:000000000000:key/any"
  await startEncryption(client, customerKey(KeyARN))
  assert.deepEqual(await encryptionOf(client), { KeyARN, KeyType: "CUSTOMER_MANAGED_CMK", Status: "ENABLED" })
  assert.equal(await put(client, "one"), true)
  await flush(adminUrl, [DeliveryStreamName])
  assert.deepEqual(await delivered(stage), [`one ${marker}`])
})

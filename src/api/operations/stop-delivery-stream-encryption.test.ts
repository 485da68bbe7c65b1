/** StartDeliveryStreamEncryption and StopDeliveryStreamEncryption. */
import assert from "node:assert/strict"
import { test } from "node:test"
import {
  type DeliveryStreamEncryptionConfigurationInput,
  DescribeDeliveryStreamCommand,
  type FirehoseClient,
  InvalidArgumentException,
  InvalidKMSResourceException,
  LimitExceededException,
  ResourceInUseException,
  ResourceNotFoundException,
  StartDeliveryStreamEncryptionCommand,
  StopDeliveryStreamEncryptionCommand,
} from "@aws-sdk/client-firehose"
import { KeyRefusedError } from "../../keys/index.ts"
import { type EncryptionState, encryptedWith, type MasterKey } from "../../streams/index.ts"
import { startApi, type TestApi } from "../testing.ts"

const name = { DeliveryStreamName: "s" }
const KeyARN = "arn:aws:kms:eu-central-1:123456789012:key/k"
const owned: MasterKey = { type: "AWS_OWNED_CMK" }
const customer: MasterKey = { type: "CUSTOMER_MANAGED_CMK", arn: KeyARN }

function start(client: FirehoseClient, input?: DeliveryStreamEncryptionConfigurationInput) {
  const DeliveryStreamEncryptionConfigurationInput = input
  return client.send(new StartDeliveryStreamEncryptionCommand({ ...name, DeliveryStreamEncryptionConfigurationInput }))
}

function stop(client: FirehoseClient) {
  return client.send(new StopDeliveryStreamEncryptionCommand(name))
}

async function described(client: FirehoseClient) {
  const { DeliveryStreamDescription } = await client.send(new DescribeDeliveryStreamCommand(name))
  return DeliveryStreamDescription?.DeliveryStreamEncryptionConfiguration
}

/** Gives the stream an encryption that its life cycle would have made. */
async function setState({ catalog }: TestApi, state: EncryptionState) {
  await catalog.change("s", (current) => ({ ...current, encryption: { ...current.encryption, state } }))
}

test("A start with no key is one with the server's own, and goes on when the answer is there", async (t) => {
  const api = await startApi(t)
  await api.createActive("s")
  assert.deepEqual(await described(api.client), { Status: "DISABLED" })
  await start(api.client)
  assert.deepEqual(await described(api.client), { KeyType: "AWS_OWNED_CMK", Status: "ENABLING" })
  assert.deepEqual(api.catalog.find("s")?.encryption.state, { status: "ENABLING", key: owned, before: undefined })
  const answer = await api.call("DescribeDeliveryStream", name)
  assert.match(answer.text, /"VersionId":"1"/)
})

test("A start on an encrypted stream changes the key; a stop ends with no key told", async (t) => {
  const api = await startApi(t)
  await api.createActive("s")
  await setState(api, { status: "ENABLED", key: owned })
  await start(api.client, { KeyType: "CUSTOMER_MANAGED_CMK", KeyARN })
  assert.deepEqual(api.catalog.find("s")?.encryption.state, { status: "ENABLING", key: customer, before: owned })
  assert.deepEqual(await described(api.client), { KeyARN, KeyType: "CUSTOMER_MANAGED_CMK", Status: "ENABLING" })
  await setState(api, { status: "ENABLED", key: customer })
  await stop(api.client)
  assert.deepEqual(api.catalog.find("s")?.encryption.state, { status: "DISABLING", key: customer })
})

test("A failure is told with its reason, and encryption may be started again or stopped", async (t) => {
  const api = await startApi(t)
  await api.createActive("s")
  const failure = { type: "DISABLED_KMS_KEY", details: "It was disabled" }
  const failed: EncryptionState = { status: "ENABLING_FAILED", key: customer, before: undefined, failure }
  await setState(api, failed)
  assert.deepEqual(await described(api.client), {
    FailureDescription: { Details: "It was disabled", Type: "DISABLED_KMS_KEY" },
    KeyARN,
    KeyType: "CUSTOMER_MANAGED_CMK",
    Status: "ENABLING_FAILED",
  })
  await start(api.client)
  assert.equal((await described(api.client))?.Status, "ENABLING")
  await setState(api, failed)
  await stop(api.client)
  assert.deepEqual(await described(api.client), { Status: "DISABLED" })
})

test("Both need a stream that there is, that is ACTIVE, and whose encryption is not just changing", async (t) => {
  const api = await startApi(t)
  const { client, createActive, setStatus } = api
  await assert.rejects(start(client), ResourceNotFoundException)
  await assert.rejects(stop(client), ResourceNotFoundException)
  await createActive("s")
  await setStatus("s", { kind: "CREATING" })
  await assert.rejects(start(client), ResourceInUseException)
  await assert.rejects(stop(client), ResourceInUseException)
  await setStatus("s", { kind: "ACTIVE" })
  for (const state of [
    { status: "ENABLING", key: owned, before: undefined },
    { status: "DISABLING", key: owned },
  ] as const) {
    await setState(api, state)
    await assert.rejects(start(client), ResourceInUseException)
    await assert.rejects(stop(client), ResourceInUseException)
  }
})

test("The type of a key and its ARN must fit", async (t) => {
  const { client, call, createActive } = await startApi(t)
  await createActive("s")
  await assert.rejects(start(client, { KeyType: "CUSTOMER_MANAGED_CMK" }), InvalidArgumentException)
  await assert.rejects(start(client, { KeyType: "AWS_OWNED_CMK", KeyARN }), InvalidArgumentException)
  const { text } = await call("StartDeliveryStreamEncryption", {
    ...name,
    DeliveryStreamEncryptionConfigurationInput: { KeyType: "OTHER" },
  })
  assert.match(JSON.parse(text).message, /Member must satisfy enum value set: \[AWS_OWNED_CMK, CUSTOMER_MANAGED_CMK\]$/)
})

test("A key that can't be used is refused at once, with the exception of KMS in code, and nothing changes", async (t) => {
  const asked: [MasterKey, string][] = []
  const refusal = async (key: MasterKey, arn: string) => {
    asked.push([key, arn])
    return new KeyRefusedError("disabled", "It is disabled")
  }
  const { client, catalog, createActive } = await startApi(t, { keys: { refusal } })
  await createActive("s")
  const before = catalog.find("s")
  await assert.rejects(start(client, { KeyType: "CUSTOMER_MANAGED_CMK", KeyARN }), (error) => {
    assert.ok(error instanceof InvalidKMSResourceException)
    assert.deepEqual([error.code, error.message], ["DisabledException", "It is disabled"])
    return true
  })
  assert.equal(catalog.find("s"), before)
  assert.deepEqual(asked, [[customer, before?.arn]])
})

test("A stream's encryption is started and stopped 25 times in 24 hours, also over restarts", async (t) => {
  const api = await startApi(t)
  await api.createActive("s")
  for (let count = 0; count < 25; count++) {
    if (count % 2 === 0) {
      await start(api.client)
      await setState(api, { status: "ENABLED", key: owned })
    } else {
      await stop(api.client)
      await setState(api, { status: "DISABLED" })
    }
    api.clock.nowMs += 60_000
  }
  await assert.rejects(start(api.client), LimitExceededException)
  await assert.rejects(stop(api.client), LimitExceededException)
  assert.equal(api.catalog.find("s")?.encryption.changesMs.length, 25)
  // The first one was 25 minutes before the clock's time now.
  api.clock.nowMs += 24 * 3_600_000 - 25 * 60_000
  await stop(api.client)
  assert.equal(api.catalog.find("s")?.encryption.changesMs.length, 25)
})

test("Stopping succeeds where encryption is not on, as often as one likes", async (t) => {
  const { client, catalog, createActive } = await startApi(t)
  await createActive("s")
  const before = catalog.find("s")
  for (let count = 0; count < 30; count++) await stop(client)
  assert.equal(catalog.find("s"), before)
})

test("No more than 500 streams are encrypted with one KMS key", async (t) => {
  const { client, catalog, createActive } = await startApi(t)
  const destination = { id: "destinationId-000000000001", kind: "store", configuration: {} }
  const encryption = encryptedWith(customer)
  for (let count = 0; count < 500; count++) {
    await catalog.create({ name: `other-${count}`, destination, tags: [], encryption })
  }
  await createActive("s")
  await assert.rejects(start(client, { KeyType: "CUSTOMER_MANAGED_CMK", KeyARN }), LimitExceededException)
  await start(client, { KeyType: "CUSTOMER_MANAGED_CMK", KeyARN: `${KeyARN}2` })
})

/** Who may talk to the real process, and how: signatures of the unmodified SDK, and TLS. */
import assert from "node:assert/strict"
import { readFile, writeFile } from "node:fs/promises"
import { Agent } from "node:https"
import path from "node:path"
import { test } from "node:test"
import { type FirehoseClientConfig, ListDeliveryStreamsCommand } from "@aws-sdk/client-firehose"
import { contentsOf, objectsIn } from "./support/bucket-folder.ts"
import { createStream, describe, firehoseClient, flush, putAttempt } from "./support/firehose.ts"
import { Ledger } from "./support/ledger.ts"
import { Stage } from "./support/running-server.ts"

const credentials = { accessKeyId: "AKIAPRODUCER", secretAccessKey: "a/secret+of=the producer" }
const temporary = { accessKeyId: "ASIATEMPORARY", secretAccessKey: "secret", sessionToken: "a-token" }
const credentialsFile = `
[producer]
aws_access_key_id = ${credentials.accessKeyId}
aws_secret_access_key = ${credentials.secretAccessKey}

[temporary]
aws_access_key_id = ${temporary.accessKeyId}
aws_secret_access_key = ${temporary.secretAccessKey}
aws_session_token = ${temporary.sessionToken}
`
const tenMinutesMs = 600_000

test("With credentials, signed requests pass and every other one gets AWS's error and stores nothing", async (t) => {
  const stage = await Stage.open(t)
  await writeFile(path.join(stage.folder, "keys"), credentialsFile)
  const server = await stage.start({ flags: ["--credentials", "keys"] })
  const ledger = new Ledger()
  const good = firehoseClient(server.apiUrl, { credentials })
  await createStream(good, "orders")

  const putWith = async (config: FirehoseClientConfig) => {
    const client = firehoseClient(server.apiUrl, config)
    const attempt = ledger.attempt("orders", [100])
    try {
      ledger.acknowledge(attempt, await putAttempt(client, attempt))
      return "stored"
    } catch (error) {
      assert(error instanceof Error)
      return error.name
    } finally {
      client.destroy()
    }
  }
  const { sessionToken, ...withoutToken } = temporary
  const cases: readonly [FirehoseClientConfig, string][] = [
    [{ credentials }, "stored"],
    [{ credentials: temporary }, "stored"],
    [{ credentials: { ...credentials, secretAccessKey: "guessed" } }, "InvalidSignatureException"],
    [{ credentials: { ...credentials, accessKeyId: "AKIASTRANGER" } }, "UnrecognizedClientException"],
    [{ credentials: withoutToken }, "UnrecognizedClientException"],
    [{ credentials: { ...temporary, sessionToken: `${sessionToken}!` } }, "UnrecognizedClientException"],
    [{ credentials, region: "eu-central-1" }, "InvalidSignatureException"],
    [{ credentials, systemClockOffset: -tenMinutesMs }, "InvalidSignatureException"],
    [{ credentials, systemClockOffset: tenMinutesMs }, "InvalidSignatureException"],
    // The SDK corrects its clock by the answer's Date, and tries again.
    [{ credentials, systemClockOffset: -tenMinutesMs, maxAttempts: 3 }, "stored"],
  ]
  for (const [config, expected] of cases) {
    assert.equal(await putWith(config), expected, JSON.stringify({ ...config }))
  }
  const unsigned = await fetch(server.apiUrl, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "Firehose_20150804.ListDeliveryStreams" },
    body: "{}",
  })
  assert.equal(unsigned.status, 400)
  assert.match(await unsigned.text(), /"__type":"MissingAuthenticationTokenException"/)

  await flush(server.adminUrl, ["orders"])
  good.destroy()
  ledger.assertDelivered(new Map([["orders", contentsOf(await objectsIn(stage.dataFolder, "orders"))]]))
  assert.equal(ledger.acknowledgedCount, 3)
})

test("A credentials file that is missing or wrong keeps the server from starting, and no secret is shown", async (t) => {
  const stage = await Stage.open(t)
  const missing = await (await stage.spawn({ flags: ["--credentials", "keys"] })).ended
  assert.equal(missing.status, 1)
  assert.match(missing.output, /"?keys"?/)
  await writeFile(
    path.join(stage.folder, "keys"),
    `${credentialsFile}\n[producer]\naws_secret_access_key = hidden-one\n`,
  )
  const wrong = await (await stage.spawn({ flags: ["--credentials", "keys"] })).ended
  assert.equal(wrong.status, 1)
  assert.match(wrong.output, /profile "producer".*twice/)
  assert.doesNotMatch(wrong.output, /hidden-one/)
})

test("With a self-signed certificate, clients that trust it get in, also after a restart, and others don't", async (t) => {
  const stage = await Stage.open(t)
  const flags = ["--tls", "self-signed"]
  const first = await stage.start({ flags })
  const ca = await readFile(path.join(stage.dataFolder, "tls", "certificate.pem"))
  const trusting = { requestHandler: { httpsAgent: new Agent({ ca }) } }
  const client = firehoseClient(first.apiUrl, trusting)
  assert.match(first.apiUrl, /^https:/)
  await createStream(client, "orders")
  const ledger = new Ledger()
  const attempt = ledger.attempt("orders", [10, 20])
  ledger.acknowledge(attempt, await putAttempt(client, attempt))
  await assert.rejects(firehoseClient(first.apiUrl).send(new ListDeliveryStreamsCommand({})), {
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  })
  const plain = first.apiUrl.replace("https:", "http:")
  await assert.rejects(firehoseClient(plain).send(new ListDeliveryStreamsCommand({})))
  client.destroy()
  await first.process.end("SIGTERM")

  const second = await stage.start({ flags })
  const again = firehoseClient(second.apiUrl, trusting)
  assert.equal((await describe(again, "orders")).DeliveryStreamStatus, "ACTIVE")
  again.destroy()
})

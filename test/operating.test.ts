/** What an operator does with the real process while records come in: stop it, switch delivery, change and delete streams. */
import assert from "node:assert/strict"
import { readdir } from "node:fs/promises"
import path from "node:path"
import { test } from "node:test"
import {
  DeleteDeliveryStreamCommand,
  type FirehoseClient,
  ResourceNotFoundException,
  UpdateDestinationCommand,
} from "@aws-sdk/client-firehose"
import { contentsOf, objectsIn } from "./support/bucket-folder.ts"
import { askAdmin, createStream, describe, firehoseClient, flush, putAttempt } from "./support/firehose.ts"
import { Ledger } from "./support/ledger.ts"
import { RawConnection } from "./support/raw-connection.ts"
import { Stage } from "./support/running-server.ts"
import { until } from "./support/until.ts"

/** So long may a stop take that nothing holds up: far beyond the end of these tests. */
const unlimitedStop = ["--shutdown-seconds", "3600"]

test("A server that is told to stop keeps what it acknowledged, and takes no more", { timeout: 60_000 }, async (t) => {
  const stage = await Stage.open(t)
  const ledger = new Ledger()
  const server = await stage.start({ flags: unlimitedStop })
  const client = firehoseClient(server.apiUrl)
  await createStream(client, "orders")
  const load = Promise.all(Array.from({ length: 8 }, () => putUntilGone(client, ledger, "orders")))
  await until(() => ledger.acknowledgedCount >= 200)
  const { status, output } = await server.process.end("SIGTERM")
  assert.equal(status, 0, output)
  await load
  client.destroy()

  const next = await stage.start()
  await flush(next.adminUrl, ["orders"])
  ledger.assertDelivered(new Map([["orders", contentsOf(await objectsIn(stage.dataFolder, "orders"))]]))
})

for (const [signal, status] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const) {
  test(`A second ${signal} ends the server at once`, async (t) => {
    const stage = await Stage.open(t)
    const server = await stage.start({ flags: unlimitedStop })
    // A request that does not end holds the stop up.
    const connection = await RawConnection.open(server.apiUrl)
    connection.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n{")
    await connection.until(/100 Continue/)
    server.process.signal(signal)
    await until(() => server.process.output.includes("Hydrant is stopping"))
    const health = await askAdmin(server.adminUrl, "GET", "/health/ready")
    assert.equal(health.status, 503)
    assert.equal((await server.process.end(signal)).status, status)
  })
}

test("The server's own cap on intervals delivers early, whatever a stream asks for", async (t) => {
  const stage = await Stage.open(t)
  const server = await stage.start({ flags: ["--buffer-interval-max-seconds", "1"] })
  const client = firehoseClient(server.apiUrl)
  const BufferingHints = { SizeInMBs: 128, IntervalInSeconds: 900 }
  await createStream(client, "patient", { BufferingHints })
  const ledger = new Ledger()
  await put(client, ledger, "patient")
  await untilDelivered(stage, "patient")
  ledger.assertDelivered(new Map([["patient", contentsOf(await objectsIn(stage.dataFolder, "patient"))]]))
  const { Destinations: [destination] = [] } = await describe(client, "patient")
  assert.deepEqual(destination?.ExtendedS3DestinationDescription?.BufferingHints, BufferingHints)
  client.destroy()
})

test("A paused stream takes records and delivers none, also after a restart, until it is resumed", async (t) => {
  const stage = await Stage.open(t)
  const flags = ["--buffer-interval-max-seconds", "0"]
  const ledger = new Ledger()
  const first = await stage.start({ flags })
  const client = firehoseClient(first.apiUrl)
  for (const name of ["paused", "running"]) await createStream(client, name)
  assert.equal((await askAdmin(first.adminUrl, "POST", "/streams/paused/pause")).status, 200)
  for (const name of ["paused", "running"]) await put(client, ledger, name)
  await untilDelivered(stage, "running")
  assert.equal((await askAdmin(first.adminUrl, "POST", "/streams/paused/flush")).status, 409)
  client.destroy()
  await first.process.end("SIGKILL")

  const second = await stage.start({ flags })
  const again = firehoseClient(second.apiUrl)
  for (const name of ["paused", "running"]) await put(again, ledger, name)
  again.destroy()
  await flush(second.adminUrl, ["running"])
  assert.deepEqual(await objectsIn(stage.dataFolder, "paused"), [])
  assert.equal((await askAdmin(second.adminUrl, "POST", "/streams/paused/resume")).status, 200)
  await flush(second.adminUrl, ["paused"])
  const contents = ["paused", "running"].map(
    async (name) => [name, contentsOf(await objectsIn(stage.dataFolder, name))] as const,
  )
  ledger.assertDelivered(new Map(await Promise.all(contents)))
})

test("A deleted stream takes what it had not delivered with it, and its name begins anew", async (t) => {
  const stage = await Stage.open(t)
  const server = await stage.start()
  const client = firehoseClient(server.apiUrl)
  const before = new Ledger()
  await createStream(client, "orders")
  await put(client, before, "orders")
  await client.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: "orders" }))
  await untilGone(client, "orders")
  for (const folder of ["log", "delivery", "catalog"]) {
    assert.deepEqual(await readdir(path.join(stage.dataFolder, folder)), [], folder)
  }

  const after = new Ledger()
  await createStream(client, "orders")
  assert.equal((await describe(client, "orders")).VersionId, "1")
  await put(client, after, "orders")
  await flush(server.adminUrl, ["orders"])
  client.destroy()
  after.assertDelivered(new Map([["orders", contentsOf(await objectsIn(stage.dataFolder, "orders"))]]))
})

test("A stream whose deletion was cut by a kill is gone after the next start", async (t) => {
  const stage = await Stage.open(t)
  const first = await stage.start()
  const client = firehoseClient(first.apiUrl)
  await createStream(client, "orders")
  await put(client, new Ledger(), "orders")
  await flush(first.adminUrl, ["orders"])
  await client.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: "orders" }))
  await first.process.end("SIGKILL")
  client.destroy()

  const second = await stage.start()
  const again = firehoseClient(second.apiUrl)
  await assert.rejects(describe(again, "orders"), ResourceNotFoundException)
  again.destroy()
  for (const folder of ["log", "delivery", "catalog"]) {
    assert.deepEqual(await readdir(path.join(stage.dataFolder, folder)), [], folder)
  }
})

test("Updates under load lose and repeat nothing, and each object is named by the version that decided it", async (t) => {
  const stage = await Stage.open(t)
  const server = await stage.start({ flags: ["--buffer-interval-max-seconds", "0"] })
  const client = firehoseClient(server.apiUrl)
  const ledger = new Ledger()
  await createStream(client, "orders", { Prefix: "v1/" })
  const load = Promise.all(Array.from({ length: 4 }, () => putUntilGone(client, ledger, "orders")))
  for (let version = 1; version <= 25; version++) {
    const target = ledger.acknowledgedCount + 20
    const destination = { DeliveryStreamName: "orders", DestinationId: "destinationId-000000000001" }
    const update = new UpdateDestinationCommand({
      ...destination,
      CurrentDeliveryStreamVersionId: String(version),
      ExtendedS3DestinationUpdate: {
        Prefix: `v${version + 1}/`,
        CompressionFormat: version % 2 === 0 ? "UNCOMPRESSED" : "GZIP",
      },
    })
    // Two at once: one of them comes too late.
    const outcomes = await Promise.allSettled([client.send(update), client.send(update)])
    const refusals = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.name] : []))
    assert.deepEqual(refusals, ["ConcurrentModificationException"])
    await until(() => ledger.acknowledgedCount >= target)
  }
  await server.process.end("SIGTERM")
  await load
  client.destroy()
  const next = await stage.start()
  await flush(next.adminUrl, ["orders"])

  const objects = await objectsIn(stage.dataFolder, "orders")
  ledger.assertDelivered(new Map([["orders", contentsOf(objects)]]))
  const versions = new Set<string>()
  for (const { key } of objects) {
    const [, prefix = "", version = "", extension = ""] = /^v(\d+)\/.*\/orders-(\d+)-.*?(\.gz)?$/.exec(key) ?? []
    assert.equal(prefix, version, key)
    assert.equal(extension, Number(version) % 2 === 0 ? ".gz" : "", key)
    versions.add(version)
  }
  assert(versions.size > 5, `objects of only ${versions.size} versions`)
})

async function put(client: FirehoseClient, ledger: Ledger, stream: string): Promise<void> {
  const attempt = ledger.attempt(stream, [100, 0, 5000])
  ledger.acknowledge(attempt, await putAttempt(client, attempt))
}

/** Puts until the server takes no more. */
async function putUntilGone(client: FirehoseClient, ledger: Ledger, stream: string): Promise<void> {
  for (;;) {
    try {
      await put(client, ledger, stream)
    } catch (error) {
      if (error instanceof Error && "code" in error && /^(ECONN|EPIPE)/.test(String(error.code))) return
      throw error
    }
  }
}

function untilDelivered(stage: Stage, bucket: string): Promise<void> {
  return until(async () => (await objectsIn(stage.dataFolder, bucket)).length > 0)
}

async function untilGone(client: FirehoseClient, name: string): Promise<void> {
  try {
    await until(async () => (await describe(client, name)).DeliveryStreamStatus !== "DELETING")
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return
    throw error
  }
  assert.fail("a stream that is deleted is DELETING until it is gone")
}

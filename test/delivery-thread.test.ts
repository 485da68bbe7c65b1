/** The real server, whose delivery thread ends again and again: ingest goes on, and what was acknowledged is delivered once. */
import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { open, readdir, rename, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import type { Worker } from "node:worker_threads"
import { DeleteDeliveryStreamCommand, type FirehoseClient } from "@aws-sdk/client-firehose"
import { contentsOf, objectsIn } from "./support/bucket-folder.ts"
import { askAdmin, createStream, firehoseClient, flush, putAttempt } from "./support/firehose.ts"
import { Ledger } from "./support/ledger.ts"
import { Stage } from "./support/running-server.ts"
import { type ServerHere, startHere } from "./support/server-here.ts"
import { until } from "./support/until.ts"

interface Scene {
  readonly server: ServerHere
  readonly client: FirehoseClient
  readonly dataFolder: string
  /** The delivery threads that were started, the last one last. */
  readonly threads: readonly Worker[]
  readonly ledger: Ledger
  put(stream: string, sizes: readonly number[]): Promise<void>
}

async function setUp(t: TestContext, flags: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const { dataFolder } = await Stage.open(t)
  const threads: Worker[] = []
  const note = (thread: Worker) => void threads.push(thread)
  process.on("worker", note)
  t.after(() => process.off("worker", note))
  const outcome = await startHere(dataFolder, { segmentBytes: "1048576", ...flags })
  assert(outcome.kind === "started")
  const { server } = outcome
  t.after(() => server.close())
  const client = firehoseClient(server.apiUrl)
  t.after(() => client.destroy())
  const ledger = new Ledger()
  const put = async (stream: string, sizes: readonly number[]) => {
    const attempt = ledger.attempt(stream, sizes)
    ledger.acknowledge(attempt, await putAttempt(client, attempt))
  }
  return { server, client, dataFolder, threads, ledger, put }
}

/** Ends the delivery thread at once, wherever it is in its work. */
async function endThread({ threads }: Scene): Promise<void> {
  await threads.at(-1)?.terminate()
}

function runsAgain({ server }: Scene, times: number): boolean {
  return server.log().split("The delivery thread runs again").length === times + 1
}

async function assertDelivered({ dataFolder, ledger }: Scene, streams: readonly string[]) {
  const objects = streams.map(async (name) => [name, contentsOf(await objectsIn(dataFolder, name))] as const)
  ledger.assertDelivered(new Map(await Promise.all(objects)))
}

async function backlogOf({ server }: Scene, stream: string): Promise<unknown> {
  const { body } = await askAdmin(server.adminUrl, "GET", "/streams")
  assert(Array.isArray(body["streams"]))
  return body["streams"].find(({ name }) => name === stream)?.backlogRecords
}

test("However often the delivery thread ends, puts are taken, and every record is in one object, once", async (t) => {
  const scene = await setUp(t)
  const { client, ledger, put, server } = scene
  const streams = ["plain", "zipped"]
  const BufferingHints = { SizeInMBs: 1, IntervalInSeconds: 0 }
  await createStream(client, "plain", { BufferingHints })
  await createStream(client, "zipped", { BufferingHints, CompressionFormat: "GZIP" })
  const over = new AbortController()
  const writers = streams.map(async (stream) => {
    while (!over.signal.aborted) {
      await Promise.all([
        put(stream, [100]),
        put(
          stream,
          Array.from({ length: 20 }, () => 20_000),
        ),
      ])
      await sleep(10)
    }
  })
  for (let times = 1; times <= 4; times++) {
    const delivered = server.log().split('"Delivered"').length
    await until(() => server.log().split('"Delivered"').length > delivered)
    await endThread(scene)
    const acknowledged = ledger.acknowledgedCount
    await until(() => ledger.acknowledgedCount > acknowledged)
    assert.ok(!runsAgain(scene, times), "puts did not wait for the thread")
    await until(() => runsAgain(scene, times))
  }
  over.abort()
  await Promise.all(writers)
  await flush(server.adminUrl, streams)
  await assertDelivered(scene, streams)
  assert.match(server.log(), /"how":"exit code 1","msg":"The delivery thread has ended by an error/)
  t.diagnostic(`${ledger.acknowledgedCount} records were acknowledged`)
})

test("A flush outlives the delivery thread, and what was told to the old one holds for the next", async (t) => {
  const scene = await setUp(t)
  const { client, put, server } = scene
  await createStream(client, "paused")
  await createStream(client, "flushed")
  await put("paused", [1, 2, 3])
  await put("flushed", [1])
  await askAdmin(server.adminUrl, "POST", "/streams/paused/pause")
  await endThread(scene)
  await put("flushed", [2])
  await flush(server.adminUrl, ["flushed"])
  assert.ok(runsAgain(scene, 1))
  assert.equal(await backlogOf(scene, "flushed"), 0)
  assert.equal(await backlogOf(scene, "paused"), 3)
  const { body } = await askAdmin(server.adminUrl, "GET", "/health")
  assert.deepEqual(body["problems"], [])
  await askAdmin(server.adminUrl, "POST", "/streams/paused/resume")
  await flush(server.adminUrl, ["paused"])
  await assertDelivered(scene, ["paused", "flushed"])
})

test("While the delivery thread is down a flush ends with its time, and a stop of the server waits for nothing", async (t) => {
  const scene = await setUp(t)
  const { client, put, server } = scene
  await createStream(client, "orders")
  await put("orders", [1])
  await endThread(scene)
  const { status, body } = await askAdmin(server.adminUrl, "POST", "/streams/orders/flush?timeout-seconds=0.1")
  assert.equal(status, 504)
  assert.deepEqual([body["complete"], body["delivered"]], [false, []])
  assert.equal(await backlogOf(scene, "orders"), null)
  await server.close()
  const again = await startHere(scene.dataFolder)
  assert(again.kind === "started")
  t.after(() => again.server.close())
  await flush(again.server.adminUrl, ["orders"])
  await assertDelivered(scene, ["orders"])
})

test("What is put while a new delivery thread is still given its streams is delivered too, by itself", async (t) => {
  const scene = await setUp(t)
  const { client, put, server } = scene
  await createStream(client, "held")
  await createStream(client, "orders", { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 } })
  await put("held", [1])
  await flush(server.adminUrl, ["held"])
  const letGo = await holdCheckpoint(scene, "held")
  await endThread(scene)
  const big = Array.from({ length: 20 }, () => 50_000)
  await put("orders", big)
  await until(() => deliveredOf(scene, "orders") > 0)
  assert.ok(!runsAgain(scene, 1), "the thread waits for the other stream's checkpoint")
  // Segments that begin and end meanwhile.
  for (let count = 0; count < 8; count++) await put("orders", big)
  await letGo()
  await until(() => runsAgain(scene, 1))
  await put("orders", [1])
  await until(async () => (await backlogOf(scene, "orders")) === 0)
  await assertDelivered(scene, ["held", "orders"])
  assert.doesNotMatch(server.log(), /that were stored cannot be read/)
  // It was found damaged.
  const { body } = await askAdmin(server.adminUrl, "GET", "/health")
  assert(Array.isArray(body["problems"]))
  assert.match(body["problems"].join(), /^Delivery stream "held" is not delivered: .*checkpoint" is damaged/)
})

test("A stop of the server does not wait for ever for a delivery thread that can't be started", async (t) => {
  const scene = await setUp(t, { shutdownSeconds: "1" })
  const { client, put, server, dataFolder } = scene
  await createStream(client, "orders")
  await put("orders", [1])
  await endThread(scene)
  const buckets = path.join(dataFolder, "buckets")
  await rm(buckets, { recursive: true })
  await writeFile(buckets, "a folder should be here")
  await until(() => server.log().includes("can't be started"))
  const { body } = await askAdmin(server.adminUrl, "GET", "/health")
  assert.deepEqual(body["problems"], ["Nothing is delivered: the delivery thread is being started"])
  // Accepted, and told to the thread once it runs.
  await askAdmin(server.adminUrl, "POST", "/streams/orders/pause")
  await client.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: "orders" }))
  await server.close()
  await rm(buckets)
  const again = await startHere(dataFolder)
  assert(again.kind === "started")
  t.after(() => again.server.close())
  const { body: left } = await askAdmin(again.server.adminUrl, "GET", "/streams")
  assert.deepEqual(left["streams"], [])
})

test("A delivery thread that hangs holds up no put, no flush beyond its time, and no look at the server", async (t) => {
  const stage = await Stage.open(t)
  const [program, sign, hangs] = ["hang.cjs", "hang", "hangs"].map((name) => path.join(stage.folder, name))
  assert(program !== undefined && sign !== undefined && hangs !== undefined)
  await writeFile(program, hangingThread(sign, hangs))
  const { apiUrl, adminUrl } = await stage.start({ environment: { NODE_OPTIONS: `--require ${program}` } })
  const client = firehoseClient(apiUrl)
  t.after(() => client.destroy())
  const ledger = new Ledger()
  await createStream(client, "orders")
  await writeFile(sign, "")
  await until(() => existsSync(hangs))
  const attempt = ledger.attempt("orders", [1])
  ledger.acknowledge(attempt, await putAttempt(client, attempt))
  const { status } = await askAdmin(adminUrl, "POST", "/streams/orders/flush?timeout-seconds=0.1")
  assert.equal(status, 504)
  assert.equal((await askAdmin(adminUrl, "GET", "/streams")).status, 200)
  await rm(sign)
  await flush(adminUrl, ["orders"])
  ledger.assertDelivered(new Map([["orders", contentsOf(await objectsIn(stage.dataFolder, "orders"))]]))
})

/** What has a thread hang while there is a file `sign`, and make the file `hangs` when it does. */
function hangingThread(sign: string, hangs: string): string {
  return `
    const { existsSync, writeFileSync } = require("node:fs")
    function look() {
      if (!existsSync(${JSON.stringify(sign)})) return
      writeFileSync(${JSON.stringify(hangs)}, "")
      while (existsSync(${JSON.stringify(sign)}));
    }
    if (!require("node:worker_threads").isMainThread) setInterval(look, 5).unref()`
}

function deliveredOf({ server }: Scene, stream: string): number {
  const lines = server.log().split("\n")
  return lines.filter((line) => line.includes('"msg":"Delivered"') && line.includes(`"stream":"${stream}"`)).length
}

/** Has whoever reads the checkpoint of a stream wait, and then find it damaged; it is whole again when that is resolved. */
async function holdCheckpoint({ dataFolder }: Scene, streamName: string): Promise<() => Promise<void>> {
  const folder = path.join(dataFolder, "delivery")
  const uid = (await readdir(folder)).find((name) => name.startsWith(streamName))
  assert(uid !== undefined)
  const file = path.join(folder, uid, "0.checkpoint")
  await rename(file, `${file}.held`)
  await promisify(execFile)("mkfifo", [file])
  return async () => {
    await (await open(file, "w")).close()
    await rename(`${file}.held`, file)
  }
}

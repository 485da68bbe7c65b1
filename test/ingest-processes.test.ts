/** The real server with ingest processes beside it: puts spread over them, and any of the processes may end at any time. */
import assert from "node:assert/strict"
import { existsSync } from "node:fs"
import { readdir, rename, writeFile } from "node:fs/promises"
import path from "node:path"
import { type TestContext, test } from "node:test"
import { DeleteDeliveryStreamCommand, ResourceNotFoundException } from "@aws-sdk/client-firehose"
import { contentsOf, objectsIn } from "./support/bucket-folder.ts"
import { askAdmin, createStream, describe, firehoseClient, flush, putAttempt } from "./support/firehose.ts"
import { Ledger } from "./support/ledger.ts"
import { RawConnection } from "./support/raw-connection.ts"
import { type RunningServer, type ServerProcess, Stage } from "./support/running-server.ts"
import { until } from "./support/until.ts"

const stream = "orders"
const flags = ["--ingest-processes", "2"]

/** The process ids of the ingest processes that took puts, in the order in which they began to. */
function ingestProcessIds({ output }: ServerProcess): number[] {
  return [...output.matchAll(/"ingestPid":(\d+)/g)].map(([, pid]) => Number(pid))
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`)
}

/** Puts one small record over a connection of its own. A connection that ends before its answer is no failure: nothing was promised. */
async function putOnce(server: RunningServer, ledger: Ledger, into: string) {
  const client = firehoseClient(server.apiUrl)
  const attempt = ledger.attempt(into, [100])
  try {
    ledger.acknowledge(attempt, await putAttempt(client, attempt))
  } catch (error) {
    assert(
      error instanceof Error && "code" in error && ["ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(String(error.code)),
      `${error}`,
    )
  } finally {
    client.destroy()
  }
}

async function put(server: RunningServer, ledger: Ledger, times: number, into = stream) {
  await Promise.all(Array.from({ length: times }, () => putOnce(server, ledger, into)))
}

async function assertDelivered(t: TestContext, stage: Stage, server: RunningServer, ledger: Ledger) {
  await flush(server.adminUrl, [stream])
  ledger.assertDelivered(new Map([[stream, contentsOf(await objectsIn(stage.dataFolder, stream))]]))
  t.diagnostic(`${ledger.acknowledgedCount} records were acknowledged`)
}

async function startWithStream(t: TestContext, ledger: Ledger) {
  const stage = await Stage.open(t)
  const server = await stage.start({ flags })
  const client = firehoseClient(server.apiUrl)
  await createStream(client, stream)
  client.destroy()
  await put(server, ledger, 20)
  return { stage, server }
}

test("Puts are spread over the ingest processes, each writes a partition of its own, and all is delivered", async (t) => {
  const ledger = new Ledger()
  const { stage, server } = await startWithStream(t, ledger)
  assert.equal(ledger.acknowledgedCount, 20)
  await assertDelivered(t, stage, server, ledger)
  const client = firehoseClient(server.apiUrl)
  const batch = ledger.attempt(stream, [1, 2, 3])
  ledger.acknowledge(batch, await putAttempt(client, batch))
  client.destroy()
  await assertDelivered(t, stage, server, ledger)
  const objects = await objectsIn(stage.dataFolder, stream)
  assert.ok(objects.length >= 3, "at least one object of each partition that was written")
  // Ingest processes tell what they count a few times a second.
  const counted = /hydrant_incoming_records_total\{delivery_stream="orders"\} 23\n/
  await until(async () => counted.test(await (await fetch(`${server.adminUrl}/metrics`)).text()))
  const { status, output } = await server.process.end("SIGTERM")
  assert.equal(status, 0, output)
  for (const pid of ingestProcessIds(server.process)) assert.ok(!isRunning(pid))
})

test("An ingest process that is killed takes nothing with it, and is started again", async (t) => {
  const ledger = new Ledger()
  const { stage, server } = await startWithStream(t, ledger)
  const [killed] = ingestProcessIds(server.process)
  assert(killed !== undefined)
  const load = put(server, ledger, 20)
  process.kill(killed, "SIGKILL")
  await load
  await put(server, ledger, 10)
  await until(() => ingestProcessIds(server.process).length === 3)
  await put(server, ledger, 10)
  await assertDelivered(t, stage, server, ledger)
  assert.match(server.process.output, /An ingest process has ended/)
})

test("Who waits for an ingest process that hangs is told when it is killed: clients, and the server itself", async (t) => {
  const ledger = new Ledger()
  const { stage, server } = await startWithStream(t, ledger)
  const client = firehoseClient(server.apiUrl)
  await createStream(client, "others")
  client.destroy()
  const [hanging] = ingestProcessIds(server.process)
  assert(hanging !== undefined)
  process.kill(hanging, "SIGSTOP")
  const connections = await Promise.all(Array.from({ length: 8 }, () => RawConnection.open(server.apiUrl)))
  const impatient = await askAdmin(server.adminUrl, "POST", `/streams/${stream}/flush?timeout-seconds=1`)
  assert.equal(impatient.status, 504)
  const flushed = flush(server.adminUrl, [stream])
  // Tells all processes of the stream's new definition.
  await askAdmin(server.adminUrl, "POST", "/streams/others/pause")
  process.kill(hanging, "SIGKILL")
  const isHere = () => ingestProcessIds(server.process).length === 3
  const closed = connections.map((connection) => connection.untilClosed())
  await Promise.all([until(isHere), Promise.race(closed)])
  for (const connection of connections) connection.finish()
  await Promise.all(closed)
  await flushed
  await put(server, ledger, 10)
  await assertDelivered(t, stage, server, ledger)
  assert.deepEqual((await askAdmin(server.adminUrl, "GET", "/health")).body["problems"], [])
})

test("A stream whose partition can't be opened again keeps no ingest process from the others", async (t) => {
  const ledger = new Ledger()
  const { stage, server } = await startWithStream(t, ledger)
  const client = firehoseClient(server.apiUrl)
  await createStream(client, "broken")
  client.destroy()
  await put(server, new Ledger(), 20, "broken")
  const logs = path.join(stage.dataFolder, "log")
  const uid = (await readdir(logs)).find((name) => name.startsWith("broken"))
  assert(uid !== undefined)
  for (const partition of ["1", "2"]) {
    await rename(path.join(logs, uid, partition), path.join(stage.folder, partition))
    await writeFile(path.join(logs, uid, partition), "")
  }
  for (const pid of ingestProcessIds(server.process)) process.kill(pid, "SIGKILL")
  await until(() => server.process.output.split("An ingest process takes puts again").length === 3)
  assert.match(server.process.output, /An ingest process can't open its partition of this stream/)
  await put(server, ledger, 10)
  const broken = new Ledger()
  await put(server, broken, 10, "broken")
  assert.equal(broken.acknowledgedCount, 10)
  await assertDelivered(t, stage, server, ledger)
})

test("A server stops while an ingest process hangs, ends, or is not there", async (t) => {
  const stage = await Stage.open(t)
  const trouble = {
    hangs: (pid: number) => process.kill(pid, "SIGSTOP"),
    "ends meanwhile": (pid: number, server: RunningServer) => {
      process.kill(pid, "SIGSTOP")
      void until(() => server.process.output.includes("Hydrant is stopping")).then(() => process.kill(pid, "SIGKILL"))
    },
    "is not there": async (pid: number, server: RunningServer) => {
      process.kill(pid, "SIGKILL")
      await until(() => server.process.output.includes("An ingest process has ended"))
      // Waits for the process to learn of it.
      await askAdmin(server.adminUrl, "POST", `/streams/${stream}/pause`)
    },
  }
  for (const [what, make] of Object.entries(trouble)) {
    await t.test(what, async () => {
      const server = await stage.start({ flags: [...flags, "--shutdown-seconds", "1"] })
      const client = firehoseClient(server.apiUrl)
      await createStream(client, stream).catch(() => undefined)
      client.destroy()
      const [pid] = ingestProcessIds(server.process)
      assert(pid !== undefined)
      await make(pid, server)
      const { status, output } = await server.process.end("SIGTERM")
      assert.equal(status, 0, output)
      assert.match(output, /Hydrant has stopped/)
    })
  }
})

test("Nothing is counted for a stream that is deleted", async (t) => {
  const stage = await Stage.open(t)
  const server = await stage.start({ flags })
  const ledger = new Ledger()
  const client = firehoseClient(server.apiUrl)
  t.after(() => client.destroy())
  await createStream(client, stream)
  await createStream(client, "others")
  await put(server, ledger, 10)
  await client.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: stream }))
  await until(() =>
    describe(client, stream).then(
      () => false,
      (error) => error instanceof ResourceNotFoundException,
    ),
  )
  // Once all processes have told of later puts, they have told of the earlier ones too.
  await put(server, ledger, 10, "others")
  const metrics = async () => await (await fetch(`${server.adminUrl}/metrics`)).text()
  await until(async () => /hydrant_incoming_records_total\{delivery_stream="others"\} 10\n/.test(await metrics()))
  assert.doesNotMatch(await metrics(), new RegExp(`delivery_stream="${stream}"`))
})

test("Ingest processes end with a server that is killed, and the next one has all that they acknowledged", async (t) => {
  const ledger = new Ledger()
  const { stage, server } = await startWithStream(t, ledger)
  const load = put(server, ledger, 20)
  // Resolves when nobody holds the server's output any more: the ingest processes too have ended.
  await server.process.end("SIGKILL")
  await load
  const again = await stage.start({ flags })
  await put(again, ledger, 5)
  await assertDelivered(t, stage, again, ledger)
})

test("What ingest processes stored is delivered by a server that has none", async (t) => {
  const ledger = new Ledger()
  const { stage, server } = await startWithStream(t, ledger)
  await server.process.end("SIGTERM")
  const alone = await stage.start()
  await put(alone, ledger, 5)
  await assertDelivered(t, stage, alone, ledger)
})

test("A stream is known to all processes when it is ACTIVE, and to none once it is deleted", async (t) => {
  const stage = await Stage.open(t)
  const server = await stage.start({ flags })
  const clients = Array.from({ length: 8 }, () => firehoseClient(server.apiUrl))
  t.after(() => {
    for (const client of clients) client.destroy()
  })
  const [first] = clients
  assert(first !== undefined)
  for (let round = 0; round < 3; round++) {
    const ledger = new Ledger()
    await createStream(first, stream)
    await Promise.all(clients.map((client) => putAttempt(client, ledger.attempt(stream, [10]))))
    await first.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: stream }))
    await until(() =>
      describe(first, stream).then(
        () => false,
        (error) => error instanceof ResourceNotFoundException,
      ),
    )
    for (const client of clients) {
      await assert.rejects(putAttempt(client, ledger.attempt(stream, [10])), ResourceNotFoundException)
    }
  }
  assert.ok(!existsSync(path.join(stage.dataFolder, "log", stream)))
})

test("What an ingest process has performed by the server's may hold JSON as deep as it likes", async (t) => {
  const { server } = await startWithStream(t, new Ledger())
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
  const call = async (operation: string, name: string) => {
    const answer = await fetch(server.apiUrl, {
      method: "POST",
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `Firehose_20150804.${operation}` },
      body: `{"DeliveryStreamName":"${name}","Record":{"Data":""},"NobodyKnowsThis":${deep}}`,
    })
    return { status: answer.status, text: await answer.text() }
  }
  const described = await call("DescribeDeliveryStream", stream)
  assert.equal(described.status, 200, described.text)
  const put = await call("PutRecord", "nowhere")
  assert.match(put.text, /ResourceNotFoundException/)
})

test("The largest batch is stored, however little each process has of the limits that they share", async (t) => {
  const stage = await Stage.open(t)
  const small = ["--request-bytes-max", String(8 * 1024 * 1024), "--append-queue-bytes", String(4 * 1024 * 1024)]
  const server = await stage.start({ flags: [...flags, ...small] })
  const client = firehoseClient(server.apiUrl)
  t.after(() => client.destroy())
  await createStream(client, stream)
  const ledger = new Ledger()
  const largest = ledger.attempt(stream, [1_000_000, 1_000_000, 1_000_000, 1_000_000, 194_000])
  ledger.acknowledge(largest, await putAttempt(client, largest))
  await assertDelivered(t, stage, server, ledger)
})

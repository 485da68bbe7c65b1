/**
 * How fast records are taken in. Hydrant checks signatures, decodes, writes and syncs; the bare server reads the same
 * requests and answers as much. Both run in processes of their own.
 */
import { writeFile } from "node:fs/promises"
import path from "node:path"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { type Contender, putContender, type Round, roundColumns, roundRows, takeTurns } from "./contenders.ts"
import { duringMs, sendOnce } from "./load.ts"
import { batchesOf, realRecords, recordsPerBatch } from "./records.ts"
import type { ServerProcess } from "./server-processes.ts"
import { credentials, putRecordBatchBody, putRecordBody, signedRequest } from "./signed-requests.ts"
import { createStream, pauseDelivery } from "./streams.ts"

const streamName = "bench"

interface PutBench {
  readonly operation: "PutRecord" | "PutRecordBatch"
  readonly recordsPerRequest: number
  readonly bodies: readonly string[]
}

export const putRecord: Bench = {
  name: "put-record",
  about: "PutRecord of 200 bytes, against a bare server that reads and answers",
  run: async (world) =>
    comparePuts(world, { operation: "PutRecord", recordsPerRequest: 1, bodies: await recordBodies(streamName) }),
}

export const putRecordBatch: Bench = {
  name: "put-record-batch",
  about: "PutRecordBatch of 500 records of 200 bytes, against a bare server, and against JSON.parse and base64 alone",
  run: async (world) =>
    comparePuts(world, {
      operation: "PutRecordBatch",
      recordsPerRequest: recordsPerBatch,
      bodies: await batchBodies(streamName),
    }),
}

/** Bodies of PutRecord, with real records. */
export async function recordBodies(name: string): Promise<readonly string[]> {
  return (await realRecords()).slice(0, 256).map((record) => putRecordBody(name, record))
}

/** Bodies of PutRecordBatch, full ones with real records. */
export async function batchBodies(name: string): Promise<readonly string[]> {
  return batchesOf(await realRecords()).map((batch) => putRecordBatchBody(name, batch))
}

async function comparePuts(
  world: BenchWorld,
  { operation, recordsPerRequest, bodies }: PutBench,
): Promise<readonly Table[]> {
  const { processes, quick } = world
  const hydrant = await startSigned(world)
  await createStream(hydrant, streamName)
  // Ingest alone is measured: delivery would take its share of the cores.
  await pauseDelivery(hydrant, streamName)
  const answerBytes = await sendOnce(hydrant.apiUrl, await signedRequest(hydrant.apiUrl, operation, bodies[0] ?? ""))
  const bare = await processes.startBare(answerBytes)

  const tables: Table[] = []
  for (const connectionCount of quick ? [32] : [32, 64, 128]) {
    const puts = { operation, bodies, connectionCount }
    const contenders: readonly Contender[] = [
      putContender("Hydrant", hydrant, puts),
      putContender("bare node:http", bare, puts, hydrant.apiUrl),
      ...(operation === "PutRecord"
        ? []
        : [
            {
              name: "JSON.parse and base64, one core",
              rounds: [],
              measure: (durationMs: number) => measureParsing(bodies, durationMs),
            },
          ]),
    ]
    await takeTurns(contenders, {
      roundCount: quick ? 2 : 5,
      durationMs: quick ? 300 : 1000,
      progress: (text) => world.progress(`${connectionCount} connections, ${text}`),
    })
    const rows = roundRows(contenders, recordsPerRequest, "first")
    tables.push({
      title: `${operation}, ${connectionCount} connections`,
      columns: roundColumns("Hydrant's ratio"),
      rows,
    })
  }
  await hydrant.stop()
  return tables
}

/** Starts Hydrant with the credentials that signatures are checked with. */
export async function startSigned(
  { folder, processes }: BenchWorld,
  flags: readonly string[] = [],
  dataFolder = "data",
): Promise<ServerProcess> {
  const file = path.join(folder, "credentials")
  const { accessKeyId, secretAccessKey } = credentials
  await writeFile(file, `[bench]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`)
  return processes.startHydrant(path.join(folder, dataFolder), ["--credentials", file, ...flags])
}

/** What stands in the bodies of puts, as far as it is looked at. */
interface BatchBody {
  readonly Records: readonly { readonly Data: string }[]
}

/** The least that any server must do in JavaScript to get at the records: here, on one core, and nothing else. */
function measureParsing(bodies: readonly string[], durationMs: number): Round {
  const received = bodies.map((body) => Buffer.from(body))
  const more = duringMs(durationMs)
  const latenciesMs: number[] = []
  const before = process.cpuUsage()
  const startMs = performance.now()
  for (let count = 0; more(); count++) {
    const parseMs = performance.now()
    const { Records }: BatchBody = JSON.parse(received[count % received.length]?.toString() ?? "")
    for (const { Data } of Records) Buffer.from(Data, "base64")
    latenciesMs.push(performance.now() - parseMs)
  }
  const { user, system } = process.cpuUsage(before)
  return {
    requestsPerSecond: (latenciesMs.length / (performance.now() - startMs)) * 1000,
    latenciesMs,
    cpuUsPerRequest: (user + system) / latenciesMs.length,
  }
}

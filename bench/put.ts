/**
 * How fast records are taken in. Hydrant checks signatures, decodes, writes and syncs; the bare server reads the same
 * requests and answers as much. Both run in processes of their own and take turns, round by round, so that what else the
 * machine does hits both; a ratio is that of one round, and the median of them is shown.
 */
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { formatCount } from "../src/cli/quantities.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { duringMs, runLoad, sendOnce } from "./load.ts"
import { batchesOf, realRecords, recordsPerBatch } from "./records.ts"
import type { ServerProcess } from "./server-processes.ts"
import { credentials, putRecordBatchBody, putRecordBody, signedRequest } from "./signed-requests.ts"
import { median, medianRatio, quantile } from "./statistics.ts"
import { createStream, pauseDelivery } from "./streams.ts"

const streamName = "bench"

interface Puts {
  readonly operation: "PutRecord" | "PutRecordBatch"
  readonly recordsPerRequest: number
  bodies(records: readonly Buffer[]): readonly string[]
}

export const putRecord: Bench = {
  name: "put-record",
  about: "PutRecord of 200 bytes, against a bare server that reads and answers",
  run: (world) =>
    comparePuts(world, {
      operation: "PutRecord",
      recordsPerRequest: 1,
      bodies: (records) => records.slice(0, 256).map((record) => putRecordBody(streamName, record)),
    }),
}

export const putRecordBatch: Bench = {
  name: "put-record-batch",
  about: "PutRecordBatch of 500 records of 200 bytes, against a bare server, and against JSON.parse and base64 alone",
  run: (world) =>
    comparePuts(world, {
      operation: "PutRecordBatch",
      recordsPerRequest: recordsPerBatch,
      bodies: (records) => batchesOf(records).map((batch) => putRecordBatchBody(streamName, batch)),
    }),
}

/** What one contender did in one round. */
interface Round {
  readonly requestsPerSecond: number
  readonly latenciesMs: readonly number[]
  readonly cpuUsPerRequest: number
}

interface Contender {
  readonly name: string
  readonly rounds: Round[]
  measure(load: Load): Promise<Round> | Round
}

interface Load {
  readonly bodies: readonly string[]
  readonly requests: readonly Buffer[]
  readonly connectionCount: number
  readonly durationMs: number
}

async function comparePuts(world: BenchWorld, puts: Puts): Promise<readonly Table[]> {
  const { processes, quick } = world
  const bodies = puts.bodies(await realRecords())
  const hydrant = await startSigned(world)
  await createStream(hydrant, streamName)
  // Ingest alone is measured: delivery would take its share of the cores.
  await pauseDelivery(hydrant, streamName)
  const sign = (body: string) => signedRequest(hydrant.apiUrl, puts.operation, body)
  const bare = await processes.startBare(await sendOnce(hydrant.apiUrl, await sign(bodies[0] ?? "")))

  const tables: Table[] = []
  const roundCount = quick ? 2 : 5
  for (const connectionCount of quick ? [32] : [32, 64]) {
    const contenders: readonly Contender[] = [
      { name: "Hydrant", rounds: [], measure: (load) => measureServer(hydrant, load) },
      { name: "bare node:http", rounds: [], measure: (load) => measureServer(bare, load) },
      ...(puts.operation === "PutRecord"
        ? []
        : [{ name: "JSON.parse and base64, one core", rounds: [], measure: measureParsing }]),
    ]
    for (let round = 0; round <= roundCount; round++) {
      world.progress(`${connectionCount} connections, round ${round} of ${roundCount}`)
      const load = {
        bodies,
        requests: await Promise.all(bodies.map(sign)),
        connectionCount,
        durationMs: quick ? 300 : 1000,
      }
      for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
        const result = await contender.measure(load)
        // The first round warms up: compilers, files, connections.
        if (round > 0) contender.rounds.push(result)
      }
    }
    tables.push({ title: `${puts.operation}, ${connectionCount} connections`, columns, rows: rowsOf(contenders, puts) })
  }
  await hydrant.stop()
  return tables
}

async function startSigned({ folder, processes }: BenchWorld): Promise<ServerProcess> {
  const file = path.join(folder, "credentials")
  const { accessKeyId, secretAccessKey } = credentials
  await writeFile(file, `[bench]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`)
  return processes.startHydrant(path.join(folder, "data"), ["--credentials", file])
}

async function measureServer(server: ServerProcess, { requests, connectionCount, durationMs }: Load): Promise<Round> {
  const before = await server.use()
  const result = await runLoad({ url: server.apiUrl, connectionCount, requests, more: duringMs(durationMs) })
  const after = await server.use()
  return {
    requestsPerSecond: (result.requestCount / result.elapsedMs) * 1000,
    latenciesMs: result.latenciesMs,
    cpuUsPerRequest: ((after.cpuSeconds - before.cpuSeconds) / result.requestCount) * 1_000_000,
  }
}

/** What stands in the bodies of puts, as far as it is looked at. */
interface BatchBody {
  readonly Records: readonly { readonly Data: string }[]
}

/** The least that any server must do in JavaScript to get at the records: here, on one core, and nothing else. */
function measureParsing({ bodies, durationMs }: Load): Round {
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

const columns = [
  { title: "" },
  { title: "requests/s", align: "right" },
  { title: "records/s", align: "right" },
  { title: "p50 ms", align: "right" },
  { title: "p99 ms", align: "right" },
  { title: "CPU us/request", align: "right" },
  { title: "Hydrant's ratio", align: "right" },
  { title: "by CPU", align: "right" },
] as const

/** A ratio is above 1 where Hydrant does better than the row's contender: more requests, less CPU time for one. */
function rowsOf(contenders: readonly Contender[], { recordsPerRequest }: Puts): Table["rows"] {
  const rates = (rounds: readonly Round[]) => rounds.map((round) => round.requestsPerSecond)
  const costs = (rounds: readonly Round[]) => rounds.map((round) => round.cpuUsPerRequest)
  const ours = contenders[0]?.rounds ?? []
  return contenders.map(({ name, rounds }) => [
    name,
    formatCount(median(rates(rounds))),
    formatCount(median(rates(rounds)) * recordsPerRequest),
    median(rounds.map(({ latenciesMs }) => median(latenciesMs))).toFixed(2),
    median(rounds.map(({ latenciesMs }) => quantile(latenciesMs, 0.99))).toFixed(2),
    formatCount(median(costs(rounds))),
    medianRatio(rates(ours), rates(rounds)).toFixed(2),
    medianRatio(costs(rounds), costs(ours)).toFixed(2),
  ])
}

/**
 * Whether delivery keeps up: as many batches as the server takes for a minute, while it delivers, uncompressed, to a folder on
 * the same disk. A backlog that delivery keeps up with stays as large as it was after the first seconds.
 */
import { rm } from "node:fs/promises"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { formatBytes, formatCount } from "../src/cli/quantities.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { duringMs, runLoad } from "./load.ts"
import { batchBodies } from "./put.ts"
import { recordBytes, recordsPerBatch } from "./records.ts"
import { signedRequest } from "./signed-requests.ts"
import { median } from "./statistics.ts"
import { backlogRecords, createStream, flush } from "./streams.ts"

const streamName = "bench"
const sampleMs = 250
const quarterCount = 4

export const keepsUp: Bench = {
  name: "keeps-up",
  about: "Full ingest of batches for a minute with delivery on, uncompressed: does the backlog grow",
  run: measureBacklog,
}

const columns = [
  { title: "" },
  { title: "backlog", align: "right" },
  { title: "largest", align: "right" },
  { title: "ratio", align: "right" },
] as const

/** The server by itself, where ingest and delivery share a core, and with a process for each of them. */
async function measureBacklog(world: BenchWorld): Promise<readonly Table[]> {
  return [await backlogWith(world, 0), await backlogWith(world, 1)]
}

async function backlogWith(
  { folder, processes, progress, quick }: BenchWorld,
  ingestProcesses: number,
): Promise<Table> {
  const durationMs = quick ? 4000 : 60_000
  const dataFolder = path.join(folder, `data-${ingestProcesses}`)
  const hydrant = await processes.startHydrant(dataFolder, ["--ingest-processes", `${ingestProcesses}`])
  await createStream(hydrant, streamName)
  const bodies = await batchBodies(streamName)
  const requests = await Promise.all(bodies.map((body) => signedRequest(hydrant.apiUrl, "PutRecordBatch", body)))

  progress(`full ingest for ${durationMs / 1000} s`)
  const over = new AbortController()
  const load = runLoad({ url: hydrant.apiUrl, connectionCount: 32, requests, more: duringMs(durationMs) })
  const ended = load.finally(() => over.abort())
  const samples: number[] = []
  while (!over.signal.aborted) {
    samples.push((await backlogRecords(hydrant, streamName)) * recordBytes)
    await Promise.race([ended, sleep(sampleMs)])
  }
  const { requestCount, elapsedMs } = await ended
  progress("delivering the rest")
  const flushMs = performance.now()
  await flush(hydrant, streamName)
  const restSeconds = (performance.now() - flushMs) / 1000
  await hydrant.stop()

  const perQuarter = Math.ceil(samples.length / quarterCount)
  const quarters = Array.from({ length: quarterCount }, (_, index) =>
    samples.slice(index * perQuarter, (index + 1) * perQuarter),
  )
  const base = median(quarters[0] ?? [])
  const rows = quarters.map((quarter, index) => [
    `${index + 1}. quarter`,
    formatBytes(Math.round(median(quarter))),
    formatBytes(Math.max(...quarter)),
    (median(quarter) / base).toFixed(2),
  ])
  const records = requestCount * recordsPerBatch
  const rate = `${formatCount((records / elapsedMs) * 1000)} records/s of ${recordBytes} bytes for ${(elapsedMs / 1000).toFixed(0)} s`
  const who = ingestProcesses === 0 ? "by the server alone" : `by ${ingestProcesses} ingest process`
  const title = `Backlog at full ingest ${who}, ${rate}; the rest was delivered in ${restSeconds.toFixed(1)} s`
  await rm(dataFolder, { recursive: true })
  return { title, columns, rows }
}

/**
 * Many streams in one process: 1,000 to which a record comes each second, and 5,000 that are only defined. What matters is
 * memory, how long a put takes, and how long a start takes.
 */
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { formatBytes, formatCount } from "../src/cli/quantities.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { runPacedLoad } from "./paced-load.ts"
import { realRecords } from "./records.ts"
import { sampleResidentBytes } from "./resident-memory.ts"
import { putRecordBody, signedRequest } from "./signed-requests.ts"
import { median } from "./statistics.ts"
import { createStreams } from "./streams.ts"

export const manyStreams: Bench = {
  name: "streams",
  about: "1,000 streams with a record a second each: memory and latency; 5,000 streams defined: memory and start-up",
  run: measureStreams,
}

const busyColumns = [
  { title: "" },
  { title: "resident", align: "right" },
  { title: "largest", align: "right" },
  { title: "p50 ms", align: "right" },
  { title: "p99 ms", align: "right" },
  { title: "longest", align: "right" },
] as const

const startColumns = [
  { title: "" },
  { title: "seconds to ready", align: "right" },
  { title: "resident", align: "right" },
  { title: "ratio", align: "right" },
] as const

/** Three times as often as Prometheus commonly scrapes: the metrics of a thousand streams are a text of megabytes. */
const busySampleMs = 5000

async function measureStreams({ folder, processes, progress, quick }: BenchWorld): Promise<readonly Table[]> {
  const [busyCount, definedCount] = quick ? [100, 500] : [1000, 5000]
  const dataFolder = path.join(folder, "data")
  const hydrant = await processes.startHydrant(dataFolder)
  const names = Array.from({ length: definedCount }, (_, number) => `stream-${number}`)
  progress(`making ${formatCount(busyCount)} streams`)
  await createStreams(hydrant, names.slice(0, busyCount))

  progress(`a record a second into each of ${formatCount(busyCount)} streams`)
  const records = await realRecords()
  const requests = await Promise.all(
    names.slice(0, busyCount).map((name, index) => {
      const body = putRecordBody(name, records[index % records.length] ?? Buffer.alloc(0))
      return signedRequest(hydrant.apiUrl, "PutRecord", body)
    }),
  )
  const load = { url: hydrant.apiUrl, connectionCount: 64, requestsPerSecond: busyCount, requests }
  await runPacedLoad({ ...load, durationMs: quick ? 1000 : 5000 })
  const measured = runPacedLoad({ ...load, durationMs: quick ? 3000 : 30_000 })
  const busyBytes = await sampleResidentBytes(hydrant, measured, busySampleMs)
  const latencies = await measured

  progress(`making ${formatCount(definedCount - busyCount)} more streams`)
  await createStreams(hydrant, names.slice(busyCount))
  await hydrant.stop()
  progress("starting again")
  const restMs = quick ? 1000 : 5000
  const empty = await processes.startHydrant(path.join(folder, "empty"))
  const emptyBytes = median(await sampleResidentBytes(empty, sleep(restMs)))
  await empty.stop()
  const again = await processes.startHydrant(dataFolder)
  const definedBytes = median(await sampleResidentBytes(again, sleep(restMs)))
  await again.stop()

  const [p50, p99] = [0.5, 0.99].map((fraction) => (latencies.quantileMs(fraction) ?? 0).toFixed(2))
  return [
    {
      title: "A record a second into each stream: PutRecord, from when it was due",
      columns: busyColumns,
      rows: [
        [
          `${formatCount(busyCount)} streams`,
          formatBytes(median(busyBytes)),
          formatBytes(Math.max(...busyBytes)),
          p50 ?? "",
          p99 ?? "",
          latencies.maxMs.toFixed(2),
        ],
      ],
    },
    {
      title: "Streams that are defined: ratio of the memory to that without streams",
      columns: startColumns,
      rows: [
        ["no stream", (empty.readyMs / 1000).toFixed(2), formatBytes(emptyBytes), "1.00"],
        [
          `${formatCount(definedCount)} streams`,
          (again.readyMs / 1000).toFixed(2),
          formatBytes(definedBytes),
          (definedBytes / emptyBytes).toFixed(2),
        ],
      ],
    },
  ]
}

/**
 * Resident memory with 500 partitions open, of which each holds more and more, and while all of them go to a store that takes
 * its time. What matters is that it does not follow what the partitions hold.
 */
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { formatBytes } from "../src/cli/quantities.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { byCustomer, customerRecords } from "./partitioned-stream.ts"
import { sampleResidentBytes } from "./resident-memory.ts"
import type { ServerProcess } from "./server-processes.ts"
import { startSlowStore } from "./slow-store.ts"
import { median } from "./statistics.ts"
import { backlogRecords, createConfigured, fill, flush } from "./streams.ts"

const mebibyte = 1024 * 1024
const streamName = "partitioned"
const partitionCount = 500

export const partitions: Bench = {
  name: "partitions",
  about: "Resident memory: 500 partitions open, filling, and delivered to a slow store",
  run: async (world) => [await measure(world)],
}

async function measure({ folder, processes, progress, quick }: BenchWorld): Promise<Table> {
  const steps = quick ? 2 : 4
  const stepBytes = (quick ? 32 : 512) * mebibyte
  const store = await startSlowStore(quick ? 50 : 1000)
  const flags = ["--s3-endpoint", store.url]
  const hydrant = await processes.startHydrant(path.join(folder, "partitions"), flags)
  await createConfigured(hydrant, streamName, byCustomer(streamName))
  const records = customerRecords(partitionCount)
  const rows: (readonly string[])[] = []
  let base: number | undefined
  for (let step = 1; step <= steps; step++) {
    const held = formatBytes(step * stepBytes)
    progress(`500 partitions, up to ${held}`)
    const startMs = performance.now()
    const samples = await sampleResidentBytes(hydrant, fillAndProcess(hydrant, records, stepBytes))
    const seconds = (performance.now() - startMs) / 1000
    base ??= median(samples)
    rows.push(
      row(
        `up to ${held} in 500 open partitions`,
        samples,
        base,
        `${(stepBytes / mebibyte / seconds).toFixed(0)} MiB/s`,
      ),
    )
  }
  progress("500 partitions go to a slow store")
  const startMs = performance.now()
  const samples = await sampleResidentBytes(hydrant, flush(hydrant, streamName))
  const seconds = (performance.now() - startMs) / 1000
  rows.push(
    row(
      "all of them delivered, slowly",
      samples,
      base ?? 1,
      `${((steps * stepBytes) / mebibyte / seconds).toFixed(0)} MiB/s`,
    ),
  )
  const left = await backlogRecords(hydrant, streamName)
  if (left > 0) throw new Error(`${left} records were left after delivery`)
  await hydrant.stop()
  store.close()
  const columns = [
    { title: "" },
    { title: "resident", align: "right" },
    { title: "largest", align: "right" },
    { title: "ratio", align: "right" },
    { title: "rate", align: "right" },
  ] as const
  return { title: "Resident memory with 500 partitions: ratio to the first row", columns, rows }
}

/** Resolves when what was put is in the partitions' buffers: the log holds nothing that is not processed. */
async function fillAndProcess(hydrant: ServerProcess, records: readonly Buffer[], sizeBytes: number) {
  await fill(hydrant, streamName, records, sizeBytes)
  while ((await unprocessedBytes(hydrant)) > 128 * mebibyte) await sleep(100)
}

async function unprocessedBytes({ adminUrl }: ServerProcess): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  const line = text.split("\n").find((one) => one.startsWith(`hydrant_log_bytes{delivery_stream="${streamName}"} `))
  return Number(line?.slice(line.lastIndexOf(" ")) ?? 0)
}

function row(name: string, samples: readonly number[], base: number, rate: string): readonly string[] {
  const typical = median(samples)
  return [name, formatBytes(typical), formatBytes(Math.max(...samples)), (typical / base).toFixed(2), rate]
}

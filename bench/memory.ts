/**
 * Resident memory: with streams that nothing happens to, and while a backlog grows because the store is down. What
 * matters of the second is that it does not follow the backlog.
 */
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { formatBytes } from "../src/cli/quantities.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { freePort } from "./free-port.ts"
import { realRecords } from "./records.ts"
import { sampleResidentBytes } from "./resident-memory.ts"
import { median } from "./statistics.ts"
import { createStream, fill } from "./streams.ts"

const mebibyte = 1024 * 1024
const streamName = "bench"

export const memory: Bench = {
  name: "memory",
  about: "Resident memory: 100 idle streams, and while 1 GiB waits for a store that is down",
  run: async (world) => [await measureIdle(world), await measureBacklog(world)],
}

const columns = [
  { title: "" },
  { title: "resident", align: "right" },
  { title: "largest", align: "right" },
  { title: "ratio", align: "right" },
] as const

async function measureIdle({ folder, processes, progress, quick }: BenchWorld): Promise<Table> {
  const streamCount = quick ? 10 : 100
  const restMs = quick ? 1000 : 5000
  const bare = await processes.startBare(0)
  const bareBytes = await sampleResidentBytes(bare, sleep(restMs))
  await bare.stop()

  progress(`${streamCount} idle streams`)
  const hydrant = await processes.startHydrant(path.join(folder, "idle"))
  const emptyBytes = await sampleResidentBytes(hydrant, sleep(restMs))
  for (let number = 1; number <= streamCount; number++) await createStream(hydrant, `idle-${number}`)
  const idleBytes = await sampleResidentBytes(hydrant, sleep(restMs))
  await hydrant.stop()

  const base = median(bareBytes)
  const rows = [
    row("bare node:http", bareBytes, base),
    row("Hydrant, no stream", emptyBytes, base),
    row(`Hydrant, ${streamCount} idle streams`, idleBytes, base),
  ]
  return { title: "Resident memory, idle: ratio to the bare server", columns, rows }
}

async function measureBacklog({ folder, processes, progress, quick }: BenchWorld): Promise<Table> {
  const steps = quick ? 2 : 4
  const stepBytes = (quick ? 16 : 256) * mebibyte
  const restMs = quick ? 1000 : 10_000
  const store = `http://127.0.0.1:${await freePort()}`
  const hydrant = await processes.startHydrant(path.join(folder, "backlog"), ["--s3-endpoint", store])
  await createStream(hydrant, streamName)
  const records = await realRecords()
  const rows: (readonly string[])[] = []
  let base: number | undefined
  for (let step = 1; step <= steps; step++) {
    const backlog = formatBytes(step * stepBytes)
    progress(`the store is down, backlog grows to ${backlog}`)
    const filling = await sampleResidentBytes(hydrant, fill(hydrant, streamName, records, stepBytes))
    base ??= median(filling)
    rows.push(row(`up to ${backlog}, filling`, filling, base))
  }
  progress("the store is down, nothing comes in")
  const resting = await sampleResidentBytes(hydrant, sleep(restMs))
  rows.push(row("the same, at rest", resting, base ?? median(resting)))
  await hydrant.stop()
  return { title: "Resident memory, store down: ratio to the first row", columns, rows }
}

function row(name: string, samples: readonly number[], base: number): readonly string[] {
  const typical = median(samples)
  return [name, formatBytes(typical), formatBytes(Math.max(...samples)), (typical / base).toFixed(2)]
}

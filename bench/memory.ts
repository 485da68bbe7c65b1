/**
 * Resident memory: with streams that nothing happens to, and while a backlog grows because the store is down. What
 * matters of the second is that it does not follow the backlog.
 */
import { once } from "node:events"
import net from "node:net"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { formatBytes } from "../src/cli/quantities.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { realRecords } from "./records.ts"
import type { ServerProcess } from "./server-processes.ts"
import { median } from "./statistics.ts"
import { createStream, fill } from "./streams.ts"

const mebibyte = 1024 * 1024
const streamName = "bench"
const sampleMs = 200

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
  const bareBytes = await sample(bare, sleep(restMs))
  await bare.stop()

  progress(`${streamCount} idle streams`)
  const hydrant = await processes.startHydrant(path.join(folder, "idle"))
  const emptyBytes = await sample(hydrant, sleep(restMs))
  for (let number = 1; number <= streamCount; number++) await createStream(hydrant, `idle-${number}`)
  const idleBytes = await sample(hydrant, sleep(restMs))
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
  const store = `http://127.0.0.1:${await closedPort()}`
  const hydrant = await processes.startHydrant(path.join(folder, "backlog"), ["--s3-endpoint", store])
  await createStream(hydrant, streamName)
  const records = await realRecords()
  const rows: (readonly string[])[] = []
  let base: number | undefined
  for (let step = 1; step <= steps; step++) {
    const backlog = formatBytes(step * stepBytes)
    progress(`the store is down, backlog grows to ${backlog}`)
    const filling = await sample(hydrant, fill(hydrant, streamName, records, stepBytes))
    base ??= median(filling)
    rows.push(row(`up to ${backlog}, filling`, filling, base))
  }
  progress("the store is down, nothing comes in")
  const resting = await sample(hydrant, sleep(restMs))
  rows.push(row("the same, at rest", resting, base ?? median(resting)))
  await hydrant.stop()
  return { title: "Resident memory, store down: ratio to the first row", columns, rows }
}

function row(name: string, samples: readonly number[], base: number): readonly string[] {
  const typical = median(samples)
  return [name, formatBytes(typical), formatBytes(Math.max(...samples)), (typical / base).toFixed(2)]
}

/** The server's resident memory, again and again until `work` is done. */
async function sample(server: ServerProcess, work: Promise<unknown>): Promise<readonly number[]> {
  const over = new AbortController()
  const done = work.finally(() => over.abort())
  const samples: number[] = []
  do {
    samples.push((await server.use()).residentBytes)
    await Promise.race([done, sleep(sampleMs)])
  } while (!over.signal.aborted)
  await done
  return samples
}

/** A port of loopback that nothing listens on. */
async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("A TCP server must listen on a port")
  return address.port
}

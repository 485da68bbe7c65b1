/**
 * How long a start takes until the API answers: with nothing to find, against the bare server; and after a kill with
 * records in the log, against reading those files once and summing them up, which is the least that finding their end
 * takes.
 */
import { open, readdir } from "node:fs/promises"
import path from "node:path"
import { crc32 } from "node:zlib"
import { formatBytes } from "../src/cli/quantities.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { realRecords } from "./records.ts"
import { median, medianRatio } from "./statistics.ts"
import { backlogRecords, createStream, fill, pauseDelivery } from "./streams.ts"

const mebibyte = 1024 * 1024
const streamName = "bench"

export const startUp: Bench = {
  name: "start-up",
  about: "Time to ready: cold, and after kill -9 with 1 GiB that is not delivered",
  run: measureStartUp,
}

async function measureStartUp({ folder, processes, progress, quick }: BenchWorld): Promise<readonly Table[]> {
  const dataFolder = path.join(folder, "data")
  const sizeBytes = (quick ? 32 : 1024) * mebibyte
  progress(`filling the log with ${formatBytes(sizeBytes)}`)
  let hydrant = await processes.startHydrant(dataFolder)
  await createStream(hydrant, streamName)
  await pauseDelivery(hydrant, streamName)
  const recordCount = await fill(hydrant, streamName, await realRecords(), sizeBytes)

  const bareMs: number[] = []
  const coldMs: number[] = []
  const backlogMs: number[] = []
  const readMs: number[] = []
  const roundCount = quick ? 1 : 7
  for (let round = 1; round <= roundCount; round++) {
    progress(`round ${round} of ${roundCount}`)
    await hydrant.kill()
    const bare = await processes.startBare(0)
    bareMs.push(bare.readyMs)
    await bare.kill()
    const cold = await processes.startHydrant(path.join(folder, `cold-${round}`))
    coldMs.push(cold.readyMs)
    await cold.kill()
    hydrant = await processes.startHydrant(dataFolder)
    backlogMs.push(hydrant.readyMs)
    const found = await backlogRecords(hydrant, streamName)
    if (found !== recordCount) throw new Error(`${found} records were found of the ${recordCount} that were put`)
    readMs.push(await measureReadMs(path.join(dataFolder, "log")))
  }
  await hydrant.stop()

  const seconds = (valuesMs: readonly number[]) => (median(valuesMs) / 1000).toFixed(2)
  const against = (oursMs: readonly number[], theirs: string, theirsMs: readonly number[]) => [
    seconds(oursMs),
    theirs,
    seconds(theirsMs),
    medianRatio(oursMs, theirsMs).toFixed(2),
  ]
  const withBacklog = `after kill -9, ${formatBytes(sizeBytes)} in the log`
  const rows = [
    ["cold, no data", ...against(coldMs, "bare node:http", bareMs)],
    [withBacklog, ...against(backlogMs, "Hydrant, cold", coldMs)],
    [withBacklog, ...against(backlogMs, "reading the log once", readMs)],
  ]
  return [{ title: "Start-up: seconds to ready", columns, rows }]
}

const columns = [
  { title: "" },
  { title: "Hydrant", align: "right" },
  { title: "compared with" },
  { title: "seconds", align: "right" },
  { title: "ratio", align: "right" },
] as const

/** Reads every file under a folder and computes its CRC-32. */
async function measureReadMs(folder: string): Promise<number> {
  const chunk = Buffer.alloc(mebibyte)
  const startMs = performance.now()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = await open(path.join(entry.parentPath, entry.name))
    try {
      let sum = 0
      for (;;) {
        const { bytesRead } = await file.read(chunk, 0, chunk.length, null)
        if (bytesRead === 0) break
        sum = crc32(chunk.subarray(0, bytesRead), sum)
      }
    } finally {
      await file.close()
    }
  }
  return performance.now() - startMs
}

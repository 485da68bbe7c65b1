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
import { median } from "./statistics.ts"
import { backlogRecords, createStream, fill, pauseDelivery } from "./streams.ts"

const mebibyte = 1024 * 1024
const streamName = "bench"

export const startUp: Bench = {
  name: "start-up",
  about: "Time to ready: cold, and after kill -9 with 1 GiB that is not delivered",
  run: measureStartUp,
}

async function measureStartUp(world: BenchWorld): Promise<readonly Table[]> {
  const cold = await measureCold(world)
  const backlog = await measureWithBacklog(world)
  const findingSeconds = backlog.hydrantSeconds - cold.hydrantSeconds
  return [
    {
      title: "Start-up, median",
      columns: [
        { title: "" },
        { title: "Hydrant s", align: "right" },
        { title: "compared with", align: "right" },
        { title: "s", align: "right" },
        { title: "ratio", align: "right" },
      ],
      rows: [
        [
          "cold, no data",
          cold.hydrantSeconds.toFixed(2),
          "bare node:http",
          cold.bareSeconds.toFixed(2),
          (cold.hydrantSeconds / cold.bareSeconds).toFixed(1),
        ],
        [
          `after kill -9, ${formatBytes(backlog.sizeBytes)} in the log`,
          backlog.hydrantSeconds.toFixed(2),
          "Hydrant, cold",
          cold.hydrantSeconds.toFixed(2),
          (backlog.hydrantSeconds / cold.hydrantSeconds).toFixed(1),
        ],
        [
          "the difference: finding the end of the log",
          findingSeconds.toFixed(2),
          "reading it once",
          backlog.readSeconds.toFixed(2),
          (findingSeconds / backlog.readSeconds).toFixed(1),
        ],
      ],
    },
  ]
}

async function measureCold({ folder, processes, progress, quick }: BenchWorld) {
  const hydrantMs: number[] = []
  const bareMs: number[] = []
  const roundCount = quick ? 2 : 7
  for (let round = 1; round <= roundCount; round++) {
    progress(`cold, round ${round} of ${roundCount}`)
    const hydrant = await processes.startHydrant(path.join(folder, `cold-${round}`))
    hydrantMs.push(hydrant.readyMs)
    await hydrant.stop()
    const bare = await processes.startBare(0)
    bareMs.push(bare.readyMs)
    await bare.stop()
  }
  return { hydrantSeconds: median(hydrantMs) / 1000, bareSeconds: median(bareMs) / 1000 }
}

async function measureWithBacklog({ folder, processes, progress, quick }: BenchWorld) {
  const dataFolder = path.join(folder, "data")
  const sizeBytes = (quick ? 32 : 1024) * mebibyte
  progress(`filling the log with ${formatBytes(sizeBytes)}`)
  let hydrant = await processes.startHydrant(dataFolder)
  await createStream(hydrant, streamName)
  await pauseDelivery(hydrant, streamName)
  const recordCount = await fill(hydrant, streamName, await realRecords(), sizeBytes)

  const hydrantMs: number[] = []
  const readMs: number[] = []
  const roundCount = quick ? 1 : 5
  for (let round = 1; round <= roundCount; round++) {
    progress(`after kill -9, round ${round} of ${roundCount}`)
    await hydrant.kill()
    hydrant = await processes.startHydrant(dataFolder)
    hydrantMs.push(hydrant.readyMs)
    const found = await backlogRecords(hydrant, streamName)
    if (found !== recordCount) throw new Error(`${found} records were found of the ${recordCount} that were put`)
    readMs.push(await measureReadMs(path.join(dataFolder, "log")))
  }
  await hydrant.stop()
  return { sizeBytes, hydrantSeconds: median(hydrantMs) / 1000, readSeconds: median(readMs) / 1000 }
}

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

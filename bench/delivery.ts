/**
 * How fast a filled log becomes objects in a local folder. The plain program (plain-delivery.ts) makes files of the same
 * bytes, as many at a time as Hydrant does, without a log, checkpoints and renames. Both run in processes of their own
 * and take turns.
 */
import { createWriteStream } from "node:fs"
import { rm } from "node:fs/promises"
import path from "node:path"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { formatBytes } from "../src/cli/quantities.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { batchesOf, realRecords, recordBytes } from "./records.ts"
import { median, medianRatio } from "./statistics.ts"
import { backlogRecords, createStream, deliverAll, fill, pauseDelivery } from "./streams.ts"

const mebibyte = 1024 * 1024
const compressions = ["UNCOMPRESSED", "GZIP"] as const

const columns = [
  { title: "" },
  { title: "Hydrant MiB/s", align: "right" },
  { title: "plain MiB/s", align: "right" },
  { title: "ratio", align: "right" },
] as const

export const delivery: Bench = {
  name: "delivery",
  about: "A filled log to a local folder, uncompressed and GZIP, against a plain copy and a plain gzip",
  run: compareDelivery,
}

async function compareDelivery(world: BenchWorld): Promise<readonly Table[]> {
  const { folder, processes, quick } = world
  const records = await realRecords()
  const sizeBytes = (quick ? 16 : 512) * mebibyte
  const roundCount = quick ? 1 : 3
  const dataFolder = path.join(folder, "data")
  const source = path.join(folder, "source")
  const plainFolder = path.join(folder, "plain")
  await writeSource(source, records, sizeBytes)

  const hydrant = await processes.startHydrant(dataFolder)
  const rows: (readonly string[])[] = []
  for (const compression of compressions) {
    const name = `delivery-${compression}`
    await createStream(hydrant, name, compression)
    const hydrantSeconds: number[] = []
    const plainSeconds: number[] = []
    for (let round = 1; round <= roundCount; round++) {
      world.progress(`${compression}, round ${round} of ${roundCount}`)
      await pauseDelivery(hydrant, name)
      await fill(hydrant, name, records, sizeBytes)
      const startMs = performance.now()
      await deliverAll(hydrant, name)
      hydrantSeconds.push((performance.now() - startMs) / 1000)
      const left = await backlogRecords(hydrant, name)
      if (left > 0) throw new Error(`${left} records were left after delivery`)
      await rm(path.join(dataFolder, "buckets", "bench"), { recursive: true })
      plainSeconds.push(await processes.runPlainDelivery(compression, source, plainFolder))
      await rm(plainFolder, { recursive: true })
    }
    const rate = (seconds: readonly number[]) => (sizeBytes / mebibyte / median(seconds)).toFixed(0)
    const ratio = medianRatio(plainSeconds, hydrantSeconds).toFixed(2)
    rows.push([compression, rate(hydrantSeconds), rate(plainSeconds), ratio])
  }
  await hydrant.stop()
  return [{ title: `Delivery of ${formatBytes(sizeBytes)} in objects of 5 MiB`, columns, rows }]
}

/** Writes the records that `fill` puts, one after the other. */
async function writeSource(file: string, records: readonly Buffer[], sizeBytes: number) {
  const batches = batchesOf(records).map((batch) => Buffer.concat(batch))
  function* content() {
    const batchCount = Math.ceil(sizeBytes / (batches[0]?.length ?? recordBytes))
    for (let index = 0; index < batchCount; index++) yield batches[index % batches.length] ?? Buffer.alloc(0)
  }
  await pipeline(Readable.from(content()), createWriteStream(file))
}

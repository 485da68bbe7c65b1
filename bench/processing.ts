/**
 * What processing costs on the way from a filled log to a local folder: the same records delivered as they came, with the
 * cheapest of processors, and told apart by jq into 50 partitions.
 */
import { rm } from "node:fs/promises"
import path from "node:path"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { byCustomer, customerRecords, processedBy } from "./partitioned-stream.ts"
import { recordBytes } from "./records.ts"
import { median, medianRatio } from "./statistics.ts"
import { createConfigured, deliverAll, fill, pauseDelivery } from "./streams.ts"

const mebibyte = 1024 * 1024

export const processing: Bench = {
  name: "processing",
  about: "A filled log to a local folder: as it came, with a delimiter appended, and partitioned by jq",
  run: async (world) => [await compare(world)],
}

async function compare({ folder, processes, progress, quick }: BenchWorld): Promise<Table> {
  const sizeBytes = (quick ? 16 : 256) * mebibyte
  const roundCount = quick ? 1 : 3
  const dataFolder = path.join(folder, "processing")
  const hydrant = await processes.startHydrant(dataFolder)
  const records = customerRecords(50)
  const ways = [
    { name: "as-it-came", configuration: {} },
    { name: "delimiter", configuration: processedBy("AppendDelimiterToRecord") },
    { name: "partitioned", configuration: byCustomer("partitioned") },
  ] as const
  for (const { name, configuration } of ways) await createConfigured(hydrant, name, configuration)
  const seconds = new Map<string, number[]>(ways.map(({ name }) => [name, []]))
  for (let round = 1; round <= roundCount; round++) {
    for (const { name } of ways) {
      progress(`${name}, round ${round} of ${roundCount}`)
      await pauseDelivery(hydrant, name)
      await fill(hydrant, name, records, sizeBytes)
      const startMs = performance.now()
      await deliverAll(hydrant, name)
      seconds.get(name)?.push((performance.now() - startMs) / 1000)
      await rm(path.join(dataFolder, "buckets", "bench"), { recursive: true })
    }
  }
  await hydrant.stop()
  const plain = seconds.get("as-it-came") ?? []
  const rows = ways.map(({ name }) => {
    const own = seconds.get(name) ?? []
    const perSecond = sizeBytes / recordBytes / median(own)
    return [
      name,
      perSecond.toFixed(0),
      (sizeBytes / mebibyte / median(own)).toFixed(0),
      medianRatio(plain, own).toFixed(2),
    ]
  })
  const columns = [
    { title: "" },
    { title: "records/s", align: "right" },
    { title: "MiB/s", align: "right" },
    { title: "ratio", align: "right" },
  ] as const
  return { title: "Delivery to a local folder, processed: ratio to delivery as it came", columns, rows }
}

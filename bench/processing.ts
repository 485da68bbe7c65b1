/**
 * What processing costs on the way from a filled log to a local folder: the same records delivered as they came, with the
 * cheapest of processors, told apart by jq into 50 partitions, and converted to Parquet and ORC; and what memory each takes.
 */
import { mkdir, rm, writeFile } from "node:fs/promises"
import path from "node:path"
import { formatBytes } from "../src/cli/quantities.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { convertedTo, customersTable } from "./converted-stream.ts"
import { byCustomer, customerRecords, processedBy } from "./partitioned-stream.ts"
import { recordBytes } from "./records.ts"
import { sampleResidentBytes } from "./resident-memory.ts"
import { median, medianRatio } from "./statistics.ts"
import { createConfigured, deliverAll, fill, pauseDelivery } from "./streams.ts"

const mebibyte = 1024 * 1024

export const processing: Bench = {
  name: "processing",
  about: "A filled log to a local folder: as it came, with a delimiter, partitioned by jq, as Parquet and ORC",
  run: async (world) => [await compare(world)],
}

async function compare({ folder, processes, progress, quick }: BenchWorld): Promise<Table> {
  const sizeBytes = (quick ? 16 : 256) * mebibyte
  const roundCount = quick ? 1 : 3
  const dataFolder = path.join(folder, "processing")
  const tables = path.join(folder, "tables")
  await mkdir(path.join(tables, customersTable.database), { recursive: true })
  const { database, name: table, columns: tableColumns } = customersTable
  await writeFile(path.join(tables, database, `${table}.json`), JSON.stringify({ columns: tableColumns }))
  const hydrant = await processes.startHydrant(dataFolder, ["--tables-folder", tables])
  const records = customerRecords(50)
  const ways = [
    { name: "as-it-came", configuration: {} },
    { name: "delimiter", configuration: processedBy("AppendDelimiterToRecord") },
    { name: "partitioned", configuration: byCustomer("partitioned") },
    { name: "parquet", configuration: convertedTo({ ParquetSerDe: {} }) },
    { name: "orc", configuration: convertedTo({ OrcSerDe: {} }) },
  ] as const
  for (const { name, configuration } of ways) await createConfigured(hydrant, name, configuration)
  const seconds = new Map<string, number[]>(ways.map(({ name }) => [name, []]))
  const resident = new Map<string, number>()
  for (let round = 1; round <= roundCount; round++) {
    for (const { name } of ways) {
      progress(`${name}, round ${round} of ${roundCount}`)
      await pauseDelivery(hydrant, name)
      await fill(hydrant, name, records, sizeBytes)
      const startMs = performance.now()
      const samples = await sampleResidentBytes(hydrant, deliverAll(hydrant, name))
      seconds.get(name)?.push((performance.now() - startMs) / 1000)
      resident.set(name, Math.max(resident.get(name) ?? 0, ...samples))
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
      formatBytes(resident.get(name) ?? 0),
    ]
  })
  const columns = [
    { title: "" },
    { title: "records/s", align: "right" },
    { title: "MiB/s", align: "right" },
    { title: "ratio", align: "right" },
    { title: "resident at most", align: "right" },
  ] as const
  return { title: "Delivery to a local folder, processed: ratio to delivery as it came", columns, rows }
}

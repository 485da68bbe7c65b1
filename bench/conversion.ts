/**
 * JSON records to files of columns, on one thread, beside DuckDB's COPY of the same records from a file to a file, with one thread
 * and with all. What encoding alone takes is measured apart.
 */
import { readFile, stat, writeFile } from "node:fs/promises"
import path from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"
import { formatBytes, formatCount } from "../src/cli/quantities.ts"
import { type ColumnFormat, emptyRows, type RowType, type StructValues } from "../src/formats/columns/index.ts"
import { openRowReader } from "../src/formats/deserializers/index.ts"
import { type OrcOptions, orc } from "../src/formats/orc/index.ts"
import { type ParquetOptions, parquet } from "../src/formats/parquet/index.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { median, medianRatio } from "./statistics.ts"

const mebibyte = 1024 * 1024

export const conversion: Bench = {
  name: "conversion",
  about: "JSON records to Parquet and ORC, against DuckDB",
  run: measureConversion,
}

const type: RowType = {
  kind: "struct",
  fields: [
    { name: "id", type: { kind: "bigint" } },
    { name: "user", type: { kind: "string" } },
    { name: "country", type: { kind: "string" } },
    { name: "token", type: { kind: "string" } },
    { name: "amount", type: { kind: "double" } },
    { name: "paid", type: { kind: "boolean" } },
    { name: "at", type: { kind: "timestamp" } },
  ],
}

const duckdbColumns =
  "{id: 'BIGINT', user: 'VARCHAR', country: 'VARCHAR', token: 'VARCHAR', amount: 'DOUBLE', paid: 'BOOLEAN', 'at': 'TIMESTAMP'}"

const parquetOptions: ParquetOptions = {
  blockSizeBytes: 256 * mebibyte,
  pageSizeBytes: mebibyte,
  compression: "SNAPPY",
  enableDictionaryCompression: true,
  maxPaddingBytes: 0,
  writerVersion: "V1",
}

const orcOptions: OrcOptions = {
  stripeSizeBytes: 64 * mebibyte,
  blockSizeBytes: 256 * mebibyte,
  rowIndexStride: 10_000,
  enablePadding: false,
  paddingTolerance: 0.05,
  compression: "SNAPPY",
  bloomFilterColumns: [],
  bloomFilterFalsePositiveProbability: 0.05,
  dictionaryKeyThreshold: 0.5,
  formatVersion: "V0_12",
}

/** The records of a buffer that is converted, one after the other. */
interface Records {
  readonly bytes: Uint8Array
  /** Where each begins, and after the last one where that ends. */
  readonly starts: Uint32Array
}

/** Does all of it, and answers how many bytes came of it. */
interface Contender {
  readonly name: string
  convert(): Promise<number> | number
}

async function measureConversion({ folder, progress, quick }: BenchWorld): Promise<readonly Table[]> {
  const rowCount = quick ? 50_000 : 250_000
  const roundCount = quick ? 2 : 24
  const records = recordsOf(rowCount)
  const source = path.join(folder, "records.json")
  const lines = linesOf(records)
  await writeFile(source, lines)
  const rows = rowsOf(records)
  // Each time in memory of its own, as in delivery.
  const converted = <Options, Facts>(format: ColumnFormat<Options, Facts>, options: Options): number =>
    encoded(rowsOf(records), format, options)
  const withoutDictionary = { ...parquetOptions, enableDictionaryCompression: false }
  const duckdb = await Promise.all([1, undefined].map((threads) => openDuckdb(threads)))
  const [oneThread] = duckdb
  const target = path.join(folder, "copied.parquet")
  const spool = path.join(folder, "spool.json")
  const contenders: readonly Contender[] = [
    ...duckdb.map(({ name, copy }) => ({ name, convert: () => copy(source, target) })),
    {
      name: "the same with one, and its files written and read",
      async convert() {
        await writeFile(spool, lines)
        await oneThread?.copy(spool, target)
        return (await readFile(target)).length
      },
    },
    { name: "Hydrant, JSON to Parquet", convert: () => converted(parquet, parquetOptions) },
    { name: "of that, columns to Parquet", convert: () => encoded(rows, parquet, parquetOptions) },
    { name: "the same without dictionaries", convert: () => encoded(rows, parquet, withoutDictionary) },
    {
      name: "the same of writer version V2",
      convert: () => encoded(rows, parquet, { ...parquetOptions, writerVersion: "V2" }),
    },
    { name: "Hydrant, JSON to ORC", convert: () => converted(orc, orcOptions) },
    { name: "of that, columns to ORC", convert: () => encoded(rows, orc, orcOptions) },
  ]
  const durationsMs = contenders.map((): number[] => [])
  const cpuMs = contenders.map((): number[] => [])
  const sizesBytes = contenders.map(() => 0)
  for (let round = 0; round < roundCount; round++) {
    progress(`round ${round + 1} of ${roundCount}`)
    for (const [index, contender] of contenders.entries()) {
      const startMs = performance.now()
      const startCpu = process.cpuUsage()
      sizesBytes[index] = await contender.convert()
      const { user, system } = process.cpuUsage(startCpu)
      durationsMs[index]?.push(performance.now() - startMs)
      cpuMs[index]?.push((user + system) / 1000)
    }
  }
  for (const { close } of duckdb) close()

  // The first round warms up.
  const rowsPerSecond = (timesMs: readonly number[]) => timesMs.slice(1).map((timeMs) => rowCount / (timeMs / 1000))
  const ratesOf = durationsMs.map(rowsPerSecond)
  const cpuRatesOf = cpuMs.map(rowsPerSecond)
  const jsonBytesPerRow = records.bytes.length / rowCount
  const tableRows = contenders.map(({ name }, index) => {
    const rate = median(ratesOf[index] ?? [])
    return [
      name,
      formatCount(Math.round(rate)),
      ((rate * jsonBytesPerRow) / mebibyte).toFixed(0),
      formatBytes(sizesBytes[index] ?? 0),
      medianRatio(ratesOf[index] ?? [], ratesOf[0] ?? []).toFixed(2),
      medianRatio(cpuRatesOf[index] ?? [], cpuRatesOf[0] ?? []).toFixed(2),
    ]
  })
  const columns = [
    { title: "" },
    { title: "rows/s", align: "right" },
    { title: "MiB/s of JSON", align: "right" },
    { title: "file", align: "right" },
    { title: "ratio", align: "right" },
    { title: "by CPU", align: "right" },
  ] as const
  const title = `${formatCount(rowCount)} records of ${jsonBytesPerRow.toFixed(0)} bytes, Snappy: ratio to the first row`
  return [{ title, columns, rows: tableRows }]
}

/** JSON objects of seven members: strings of few, of some and of all different values among them. */
function recordsOf(rowCount: number): Records {
  const countries = ["DE", "FR", "JP", "US"]
  const parts: Buffer[] = []
  const starts = new Uint32Array(rowCount + 1)
  for (let row = 0; row < rowCount; row++) {
    // Scattered, and the same each time.
    const scattered = Math.imul(row, 0x9e3779b1) >>> 0
    const digits = scattered.toString(16).padStart(8, "0")
    const record = JSON.stringify({
      id: 1_700_000_000_000 + 3 * row,
      user: `user-${((scattered % 5000) + 10_000).toString(16).padStart(8, "0")}`,
      country: countries[scattered % 4],
      token: Array.from({ length: 5 }, (_, index) =>
        (Math.imul(scattered ^ index, 0x85ebca6b) >>> 0).toString(16).padStart(8, "0"),
      ).join(""),
      amount: (scattered % 1_000_000) / 100,
      paid: digits < "8",
      at: new Date(1_700_000_000_000 + 7 * row).toISOString().replace("T", " ").replace("Z", ""),
    })
    parts.push(Buffer.from(record))
    starts[row + 1] = (starts[row] ?? 0) + record.length
  }
  return { bytes: Buffer.concat(parts), starts }
}

function linesOf({ bytes, starts }: Records): Uint8Array {
  const newline = Buffer.from("\n")
  const lines: Uint8Array[] = []
  for (let row = 0; row + 1 < starts.length; row++) lines.push(bytes.subarray(starts[row], starts[row + 1]), newline)
  return Buffer.concat(lines)
}

function rowsOf({ bytes, starts }: Records): StructValues {
  const rows = emptyRows(type)
  const reader = openRowReader(type, {
    kind: "openx",
    convertDotsInJsonKeysToUnderscores: false,
    caseInsensitive: true,
    columnToJsonKeyMappings: {},
  })
  for (let row = 0; row + 1 < starts.length; row++) {
    const problem = reader.read(bytes, starts[row] ?? 0, starts[row + 1] ?? 0, rows)
    if (problem) throw new Error(`Record ${row} was not read: ${problem.message}`)
  }
  return rows
}

function encoded<Options, Facts>(rows: StructValues, format: ColumnFormat<Options, Facts>, options: Options): number {
  const { bytes, rowCount, facts } = format.encodeGroup(type, rows, options)
  const group = { offset: format.header.length, sizeBytes: bytes.length, rowCount, facts }
  return format.header.length + bytes.length + format.footer(type, [group], options).length
}

/** With all threads there are when none are given. */
async function openDuckdb(threads?: number) {
  const instance = await DuckDBInstance.create(":memory:", threads === undefined ? {} : { threads: String(threads) })
  const connection = await instance.connect()
  return {
    name: `DuckDB's COPY, file to file, ${threads === undefined ? "all threads" : "one thread"}`,
    async copy(source: string, target: string): Promise<number> {
      const from = `read_json('${source}', format = 'newline_delimited', columns = ${duckdbColumns})`
      await connection.run(`COPY (SELECT * FROM ${from}) TO '${target}' (FORMAT parquet, COMPRESSION snappy)`)
      return (await stat(target)).size
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

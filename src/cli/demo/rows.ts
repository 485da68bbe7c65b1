import { formatBytes, formatCounted } from "../quantities.ts"
import { tableLines } from "../table.ts"
import { cutTo, type Terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"
import { deliverEarthquakes } from "./deliver.ts"
import { findLocally, shownPath } from "./sample.ts"
import { type DemoServer, tableProblem } from "./server.ts"
import { sampleWidth, step } from "./step.ts"
import { rowsStream } from "./streams.ts"
import { tablesFile } from "./table.ts"

/**
 * The third part: the same earthquakes as rows of a table, in Parquet, and what another program finds in them. A server that does
 * not know the table can't show it, and the person is told what to set.
 */
export async function showRows(world: CliWorld, out: Terminal, server: DemoServer): Promise<void> {
  const problem = await tableProblem(world, server)
  if (problem !== undefined) {
    out.line(`Left out: a stream that converts to Parquet. The server says of its table:
${problem}

Its settings file is to have the following; a server that the demo starts knows it.

${tablesFile()}`)
    return
  }
  out.line(`Once more, as rows of a table in Parquet: each record is read by the table's
columns, and one that doesn't fit them would go to the error output, alone.
`)
  const delivered = await deliverEarthquakes(world, out, server, rowsStream)
  step(out, `Delivered them in ${formatCounted(delivered.length, "object")}`)
  out.line()
  const files: string[] = []
  for (const { location, recordCount, sizeBytes } of delivered) {
    const local = await findLocally(world, location, server.dataFolder)
    const amount = `${formatCounted(recordCount, "row")}, ${formatBytes(sizeBytes)} of JSON`
    out.line(`  ${out.paint("cyan", local === undefined ? location : shownPath(world, local.file))}`)
    out.line(`  ${local === undefined ? amount : `${amount}, ${formatBytes(local.storedBytes)} of Parquet`}`)
    out.line()
    if (local !== undefined) files.push(local.file)
  }
  if (files.length > 0) await showQuery(out, files)
}

const query = `SELECT strftime(date_trunc('day', properties.time), '%Y-%m-%d') AS day,
       count(*) AS earthquakes,
       max(properties.mag) AS strongest,
       arg_max(properties.place, properties.mag) AS place
FROM FILES
WHERE properties.type = 'earthquake'
GROUP BY day ORDER BY day`

/** Has DuckDB read the files: a reader of Parquet that others wrote. */
async function showQuery(out: Terminal, files: readonly string[]): Promise<void> {
  const width = sampleWidth(out)
  out.line("  What DuckDB finds in it:")
  for (const line of query.split("\n")) out.line(`  ${out.paint("dim", cutTo(width, line))}`)
  out.line()
  const rows = await rowsOf(
    query.replace("FILES", `read_parquet([${files.map(quoted).join(", ")}], hive_partitioning = false)`),
  )
  if (rows === undefined) {
    out.line("  (It is not installed: npm install @duckdb/node-api, or any reader of Parquet, shows it.)\n")
    return
  }
  const columns = [
    { title: "DAY" },
    { title: "EARTHQUAKES", align: "right" },
    { title: "STRONGEST", align: "right" },
    { title: "PLACE" },
  ] as const
  for (const line of tableLines(columns, rows, width)) out.line(`  ${line}`)
  out.line()
}

/** Undefined when DuckDB is not installed: it is what Hydrant is tested with, and it needs none to run. */
async function rowsOf(sql: string): Promise<string[][] | undefined> {
  const { DuckDBInstance } = await import("@duckdb/node-api").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")
      return { DuckDBInstance: undefined }
    throw error
  })
  if (DuckDBInstance === undefined) return undefined
  const instance = await DuckDBInstance.create(":memory:")
  const connection = await instance.connect()
  try {
    const reader = await connection.runAndReadAll(sql)
    return reader.getRowsJson().map((row) => row.map(String))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function quoted(file: string): string {
  return `'${file.replaceAll("'", "''")}'`
}

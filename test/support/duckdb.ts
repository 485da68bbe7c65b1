import { DuckDBInstance } from "@duckdb/node-api"

/** What DuckDB answers to a query over files: `FILES` in it stands for the table of all of them. Values as JSON has them. */
export async function queryFiles(files: readonly string[], sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" })
  const connection = await instance.connect()
  try {
    const list = files.map((file) => `'${file.replaceAll("'", "''")}'`).join(", ")
    const source = `read_parquet([${list}], union_by_name = true)`
    const reader = await connection.runAndReadAll(sql.replaceAll("FILES", source))
    return reader.getRowsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

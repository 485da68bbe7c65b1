import assert from "node:assert/strict"
import { readOrc } from "../support/orc/read-orc.ts"
import { rowsInMemory } from "../support/parquet.ts"

/** The records in an object, as they were put, however it holds them. `content`: its bytes as latin1. */
export async function linesIn(key: string, content: string): Promise<readonly string[]> {
  const bytes = Buffer.from(content, "latin1")
  if (key.endsWith(".parquet")) return (await rowsInMemory(bytes)).map(({ record }) => asLine(record))
  if (key.endsWith(".orc")) return recordsInOrc(bytes).map(asLine)
  const lines = content.split("\n")
  assert.equal(lines.pop(), "", `"${key}" ends with a whole record`)
  return lines
}

function recordsInOrc(bytes: Uint8Array): readonly unknown[] {
  const { schema, rows } = readOrc(bytes)
  const column = schema.fields.findIndex(({ name }) => name === "record")
  return rows.map((row) => row[column])
}

function asLine(record: unknown): string {
  assert(typeof record === "string", `A row has no record: ${String(record)}`)
  return JSON.stringify({ record })
}

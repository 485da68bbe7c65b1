import assert from "node:assert/strict"
import { emptyRows, type HiveType, type RowType, type StructValues, type Values } from "../columns/index.ts"
import { openRowReader } from "./index.ts"
import type { Deserializer } from "./row-reader.ts"

export const openx: Extract<Deserializer, { kind: "openx" }> = {
  kind: "openx",
  convertDotsInJsonKeysToUnderscores: false,
  caseInsensitive: true,
  columnToJsonKeyMappings: {},
}

export const hive: Extract<Deserializer, { kind: "hive" }> = { kind: "hive", timestampFormats: [] }

/**
 * The rows that a record becomes, or what is wrong with it. It is read twice: the first time teaches the reader what members come
 * in which order, so that the second one goes the quick way.
 */
export function readRecord(type: RowType, deserializer: Deserializer, record: string | Uint8Array) {
  const rows = emptyRows(type)
  // Between other bytes, which must not be read.
  const bytes = Buffer.concat([Buffer.from('{"'), Buffer.from(record), Buffer.from('}"0}]')])
  const reader = openRowReader(type, deserializer)
  const [first, second] = [0, 1].map(() => {
    rows.clear()
    const problem = reader.read(bytes, 2, bytes.length - 5, rows)
    if (problem === undefined) return rowsOf(type, rows)
    assert.equal(rows.entryCount, 0, "nothing is left of a record that is refused")
    for (const field of rows.fields) assert.equal(field.entryCount, 0, "nothing is left in a column, neither")
    return problem
  })
  assert.ok(first !== undefined)
  assert.deepEqual(second, first, "what is read in the quick way is the same")
  return first
}

/** What a column of this type gets of a JSON value, or the message that says why it can't. */
export function readValue(type: HiveType, deserializer: Deserializer, json: string): unknown {
  const read = readRecord({ kind: "struct", fields: [{ name: "a", type }] }, deserializer, `{"a":${json}}`)
  if (!Array.isArray(read)) return read.message
  assert.equal(read.length, 1)
  return read[0]?.["a"]
}

/** As plain values: bigint for bigint and decimal, `[seconds, nanoseconds]` for a timestamp, base64 for binary, pairs for a map. */
export function rowsOf(type: RowType, rows: StructValues): Record<string, unknown>[] {
  const entries = entriesOf(type, rows)
  return entries.map((entry) => {
    assert.ok(isRecord(entry))
    return entry
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}

function entriesOf(type: HiveType, values: Values): unknown[] {
  const there = valuesOf(type, values)
  assert.equal(there.length, values.valueCount)
  let index = 0
  return [...values.present].map((isThere) => (isThere === 1 ? there[index++] : null))
}

function valuesOf(type: HiveType, values: Values): unknown[] {
  switch (values.kind) {
    case "boolean":
      return [...values.values].map((value) => value === 1)
    case "integer":
    case "float":
    case "double":
      return [...values.values]
    case "long":
    case "decimal":
      return Array.from({ length: values.valueCount }, (_, index) => values.at(index))
    case "text": {
      const encoding = type.kind === "binary" ? "base64" : "utf8"
      const bytes = Buffer.from(values.bytes)
      return Array.from({ length: values.valueCount }, (_, index) =>
        bytes.toString(encoding, values.starts[index], values.starts[index + 1]),
      )
    }
    case "timestamp":
      return [...values.seconds].map((seconds, index) => [seconds, values.nanoseconds[index]])
    case "list":
      assert(type.kind === "array")
      return slices(entriesOf(type.element, values.elements), values.lengths)
    case "map": {
      assert(type.kind === "map")
      const keys = entriesOf(type.key, values.keys)
      const members = entriesOf(type.value, values.values)
      return slices(
        keys.map((key, index) => [key, members[index]]),
        values.lengths,
      )
    }
    case "struct": {
      assert(type.kind === "struct")
      const fields = type.fields.map(({ name, type: fieldType }, index) => {
        const column = values.fields[index]
        assert.ok(column)
        const entries = entriesOf(fieldType, column)
        assert.equal(entries.length, values.valueCount, `field ${name} has an entry for each struct`)
        return { name, entries }
      })
      return Array.from({ length: values.valueCount }, (_, index) =>
        Object.fromEntries(fields.map(({ name, entries }) => [name, entries[index]])),
      )
    }
  }
}

function slices(entries: readonly unknown[], lengths: Int32Array): unknown[][] {
  let at = 0
  const all = [...lengths].map((length) => {
    at += length
    return entries.slice(at - length, at)
  })
  assert.equal(at, entries.length, "every element is of some list")
  return all
}

/** For tests: rows of plain values to files, and back by readers that others wrote. */
import assert from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import type { TestContext } from "node:test"
import {
  blobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBTimestampValue,
  type DuckDBValue,
  listValue,
  mapValue,
  structValue,
} from "@duckdb/node-api"
import { parquetReadObjects } from "hyparquet"
import { compressors } from "hyparquet-compressors"
import { emptyRows, type HiveType, type RowType, type StructValues, type Values } from "../columns/index.ts"
import { type ParquetGroupFacts, type ParquetOptions, parquet } from "./index.ts"

export const defaults: ParquetOptions = {
  blockSizeBytes: 268_435_456,
  pageSizeBytes: 1_048_576,
  compression: "SNAPPY",
  enableDictionaryCompression: true,
  maxPaddingBytes: 0,
  writerVersion: "V1",
}

/**
 * A value of a type: a decimal's unscaled one, days of a date, nanoseconds since 1970 of a timestamp, bytes, elements of an
 * array, entries of a map, values of a struct's fields.
 */
export type Plain = null | boolean | number | bigint | string | Uint8Array | readonly Plain[]

export function rowType(columns: Readonly<Record<string, HiveType>>): RowType {
  return { kind: "struct", fields: Object.entries(columns).map(([name, type]) => ({ name, type })) }
}

function rowsOf(type: RowType, rows: readonly (readonly Plain[])[]): StructValues {
  const values = emptyRows(type)
  for (const row of rows) append(type, values, row)
  return values
}

/** A whole file, with what is said of its groups passed through JSON. */
export function fileOf(
  type: RowType,
  groups: readonly (readonly (readonly Plain[])[])[],
  options: ParquetOptions = defaults,
): Buffer {
  const parts: Uint8Array[] = [parquet.header]
  let offset = parquet.header.length
  const placed = groups.map((rows) => {
    const { bytes, facts, rowCount } = parquet.encodeGroup(type, rowsOf(type, rows), options)
    const padding = parquet.paddingBytes(offset, bytes.length, options)
    parts.push(Buffer.alloc(padding), bytes)
    const group = { offset: offset + padding, sizeBytes: bytes.length, rowCount, facts: throughJson(facts) }
    offset += padding + bytes.length
    return group
  })
  return Buffer.concat([...parts, parquet.footer(type, placed, options)])
}

function throughJson(facts: ParquetGroupFacts): ParquetGroupFacts {
  const read: ParquetGroupFacts = JSON.parse(JSON.stringify(facts))
  assert.deepEqual(read, facts)
  return read
}

function append(type: HiveType, values: Values, plain: Plain | undefined) {
  if (plain === null) return values.appendNull()
  switch (values.kind) {
    case "boolean":
      assert.ok(typeof plain === "boolean")
      return values.append(plain ? 1 : 0)
    case "integer":
    case "float":
    case "double":
      assert.ok(typeof plain === "number")
      return values.append(plain)
    case "long":
      assert.ok(typeof plain === "bigint")
      return values.appendBigInt(plain)
    case "decimal":
      assert.ok(typeof plain === "bigint")
      return values.appendBigInt(plain)
    case "timestamp": {
      assert.ok(typeof plain === "bigint")
      const nanosecond = ((plain % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
      return values.append(Number((plain - nanosecond) / 1_000_000_000n), Number(nanosecond))
    }
    case "text":
      if (plain instanceof Uint8Array) return values.append(plain)
      assert.ok(typeof plain === "string")
      return values.appendString(plain)
    case "list": {
      assert.ok(type.kind === "array" && isList(plain))
      for (const element of plain) append(type.element, values.elements, element)
      return values.append(plain.length)
    }
    case "map": {
      assert.ok(type.kind === "map" && isList(plain))
      for (const entry of plain) {
        assert.ok(isList(entry))
        append(type.key, values.keys, entry[0])
        append(type.value, values.values, entry[1])
      }
      return values.append(plain.length)
    }
    case "struct": {
      assert.ok(type.kind === "struct" && isList(plain))
      for (const [index, field] of type.fields.entries()) {
        const fieldValues = values.fields[index]
        assert.ok(fieldValues)
        append(field.type, fieldValues, plain[index])
      }
      return values.append()
    }
  }
}

function isList(plain: Plain | undefined): plain is readonly Plain[] {
  return Array.isArray(plain)
}

/** Queries files by DuckDB, until the test's end. */
export async function startDuckdb(t: TestContext) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "hydrant-parquet-"))
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" })
  const connection = await instance.connect()
  t.after(() => {
    connection.closeSync()
    instance.closeSync()
    rmSync(folder, { recursive: true })
  })
  const location = path.join(folder, "file.parquet")
  const query = async (file: Uint8Array, sql: string) => {
    writeFileSync(location, file)
    return (await connection.runAndReadAll(sql, { file: location })).getRowObjects()
  }
  return { query, read: (file: Uint8Array) => query(file, "SELECT * FROM read_parquet($file)") }
}

/** What DuckDB reads of such rows. */
export function inDuckdb(type: RowType, rows: readonly (readonly Plain[])[]): Record<string, DuckDBValue>[] {
  return rows.map((row) =>
    Object.fromEntries(type.fields.map((field, index) => [field.name, duckdbValue(field.type, row[index] ?? null)])),
  )
}

function duckdbValue(type: HiveType, plain: Plain): DuckDBValue {
  if (plain === null) return null
  switch (type.kind) {
    case "decimal":
      assert.ok(typeof plain === "bigint")
      return new DuckDBDecimalValue(plain, type.precision, type.scale)
    case "date":
      assert.ok(typeof plain === "number")
      return new DuckDBDateValue(plain)
    case "timestamp":
      // It keeps microseconds, rounded down.
      assert.ok(typeof plain === "bigint")
      return new DuckDBTimestampValue(BigInt.asIntN(64, (plain - (((plain % 1000n) + 1000n) % 1000n)) / 1000n))
    case "binary":
      assert.ok(plain instanceof Uint8Array)
      return blobValue(Buffer.from(plain))
    case "array":
      assert.ok(isList(plain))
      return listValue(plain.map((element) => duckdbValue(type.element, element)))
    case "map":
      assert.ok(isList(plain))
      return mapValue(
        plain.map((entry) => {
          assert.ok(isList(entry))
          const [key = null, value = null] = entry
          return { key: duckdbValue(type.key, key), value: duckdbValue(type.value, value) }
        }),
      )
    case "struct": {
      assert.ok(isList(plain))
      return structValue(inDuckdb(type, [plain])[0] ?? {})
    }
    default:
      assert.ok(!isList(plain) && !(plain instanceof Uint8Array))
      return plain
  }
}

/** What hyparquet reads. */
export async function readByHyparquet(file: Uint8Array): Promise<unknown[]> {
  return parquetReadObjects({
    file: Uint8Array.from(file).buffer,
    compressors,
    utf8: false,
    parsers: {
      timestampFromNanoseconds: (nanoseconds) => nanoseconds,
      dateFromDays: (days) => days,
    },
  })
}

/** What hyparquet reads of such rows. */
export function inHyparquet(type: RowType, rows: readonly (readonly Plain[])[]): unknown[] {
  return rows.map((row) =>
    Object.fromEntries(type.fields.map((field, index) => [field.name, hyparquetValue(field.type, row[index] ?? null)])),
  )
}

function hyparquetValue(type: HiveType, plain: Plain): unknown {
  if (plain === null) return null
  switch (type.kind) {
    case "decimal":
      return Number(plain) / 10 ** type.scale
    case "binary":
      return plain instanceof Uint8Array ? Uint8Array.from(plain) : undefined
    case "array":
      return isList(plain) ? plain.map((element) => hyparquetValue(type.element, element)) : undefined
    case "map": {
      assert.ok(isList(plain))
      return Object.fromEntries(
        plain.map((entry) => {
          assert.ok(isList(entry))
          const [key = null, value = null] = entry
          return [String(hyparquetValue(type.key, key)), hyparquetValue(type.value, value)]
        }),
      )
    }
    case "struct":
      return isList(plain) ? inHyparquet(type, [plain])[0] : undefined
    default:
      return plain
  }
}

/**
 * Columns of a stripe. The row is column 0, then comes each field and, right behind it, the columns that are in it. A column has
 * streams for its own part only: which of its entries are there, unless all are, and what they are; lengths, if it holds others.
 */
import assert from "node:assert/strict"
import type { HiveType, RowType, StructValues, Values } from "../columns/index.ts"
import { type BloomFilter, bloomFilter, hasBloomFilter } from "./bloom-filter.ts"
import { childTypes } from "./column-types.ts"
import { decimalStreams } from "./decimals.ts"
import type { OrcOptions } from "./options.ts"
import { type ColumnStatistics, collectStatistics } from "./statistics.ts"
import {
  type Bounds,
  booleanStream,
  byteStream,
  forEachGroup,
  integerStream,
  plainStream,
  presentStream,
  type Stream,
} from "./streams.ts"
import { directText, type EncodedValues, encodeText, padded } from "./text.ts"
import { timestampStreams } from "./timestamps.ts"

export interface EncodedColumn {
  readonly type: HiveType
  /** Undefined when there is no dictionary. */
  readonly dictionarySize: number | undefined
  readonly streams: readonly Stream[]
  /** Of each row group. */
  readonly statistics: readonly ColumnStatistics[]
  /** Of each row group, or none. */
  readonly bloomFilters: readonly BloomFilter[]
}

/** Columns of these rows, by their ids. */
export function encodeColumns(type: RowType, rows: StructValues, options: OrcOptions): readonly EncodedColumn[] {
  const { rowIndexStride } = options
  const groupCount = Math.ceil(rows.entryCount / rowIndexStride)
  const bounds = Array.from({ length: groupCount + 1 }, (_, group) => Math.min(group * rowIndexStride, rows.entryCount))
  const filtered = new Set(options.bloomFilterColumns.map((name) => name.toLowerCase()))
  const fields = type.fields.flatMap((field, index) => {
    const isFiltered = filtered.has(field.name.toLowerCase())
    return encodeColumn(field.type, rows.fields[index], { bounds, options, isFiltered })
  })
  return [encodeOwnPart(type, rows, { bounds, options, isFiltered: false }, bounds), ...fields]
}

interface Context {
  /** Of row groups among the column's entries. */
  readonly bounds: Bounds
  readonly options: OrcOptions
  /** Whether it shall have Bloom filters, or what is in it. */
  readonly isFiltered: boolean
}

/** A column, and behind it all that are in it. */
function encodeColumn(type: HiveType, values: Values | undefined, context: Context): readonly EncodedColumn[] {
  assert(values, `There are no values for a column of type ${type.kind}`)
  if (type.kind === "char" && values.kind === "text")
    return encodeColumn({ ...type, kind: "varchar" }, padded(values, type.length), context)
  const valueBounds = presentBounds(values, context.bounds)
  const bounds = nestedBounds(values, valueBounds)
  const nested = nestedValues(values)
  return [
    encodeOwnPart(type, values, context, valueBounds),
    ...childTypes(type).flatMap((child, index) => encodeColumn(child, nested[index], { ...context, bounds })),
  ]
}

function encodeOwnPart(type: HiveType, values: Values, context: Context, valueBounds: Bounds): EncodedColumn {
  const { bounds, options, isFiltered } = context
  const { dictionarySize, streams } = encodeValues(type, values, valueBounds, options)
  return {
    type,
    dictionarySize,
    streams: values.nullCount === 0 ? streams : [presentStream(values.present, bounds), ...streams],
    statistics: forEachGroup(valueBounds, (from, to, group) => {
      const entryCount = (bounds[group + 1] ?? 0) - (bounds[group] ?? 0)
      return collectStatistics(type, values, { from, to, hasNull: to - from < entryCount })
    }),
    bloomFilters:
      isFiltered && hasBloomFilter(type)
        ? forEachGroup(valueBounds, (from, to) => bloomFilter(type, values, { from, to, options }))
        : [],
  }
}

/** The streams of a column's values, in the order in which positions in an index go. */
function encodeValues(type: HiveType, values: Values, bounds: Bounds, options: OrcOptions): EncodedValues {
  switch (values.kind) {
    case "boolean":
      return direct(booleanStream(values.values, bounds))
    case "integer":
      return direct(
        type.kind === "tinyint"
          ? byteStream(new Uint8Array(values.values), bounds)
          : integerStream(values.values, bounds, { kind: "data", isSigned: true, options }),
      )
    case "long":
      return direct(integerStream(values, bounds, { kind: "data", isSigned: true, options }))
    case "float":
    case "double":
      return direct(numberStream(values.values, bounds))
    case "decimal":
      return direct(...decimalStreams(values, type.kind === "decimal" ? type.scale : 0, bounds, options))
    case "text":
      return type.kind === "binary" ? directText(values, bounds, options) : encodeText(values, bounds, options)
    case "timestamp":
      return direct(...timestampStreams(values, bounds, options))
    case "list":
    case "map":
      return direct(integerStream(values.lengths, bounds, { kind: "length", isSigned: false, options }))
    case "struct":
      return direct()
  }
}

function direct(...streams: readonly Stream[]): EncodedValues {
  return { dictionarySize: undefined, streams }
}

/** IEEE 754, little-endian: as memory holds them. */
function numberStream(numbers: Float32Array | Float64Array, bounds: Bounds): Stream {
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT } = numbers
  const offsets = bounds.slice(0, -1).map((value) => value * BYTES_PER_ELEMENT)
  return plainStream(new Uint8Array(buffer, byteOffset, byteLength), offsets)
}

/** Where groups of entries begin among those that are there. */
function presentBounds({ present, nullCount }: Values, bounds: Bounds): Bounds {
  if (nullCount === 0) return bounds
  const counts = forEachGroup(bounds, (from, to) => present.subarray(from, to).reduce((sum, one) => sum + one, 0))
  return runningTotals(counts)
}

/** Where groups of values begin among the entries of what is in them. */
function nestedBounds(values: Values, bounds: Bounds): Bounds {
  if (values.kind !== "list" && values.kind !== "map") return bounds
  const { lengths } = values
  return runningTotals(
    forEachGroup(bounds, (from, to) => lengths.subarray(from, to).reduce((sum, length) => sum + length, 0)),
  )
}

function nestedValues(values: Values): readonly Values[] {
  switch (values.kind) {
    case "list":
      return [values.elements]
    case "map":
      return [values.keys, values.values]
    case "struct":
      return values.fields
    default:
      return []
  }
}

/** From 0 to the sum of all. */
function runningTotals(counts: readonly number[]): number[] {
  const totals = [0]
  for (const count of counts) totals.push((totals.at(-1) ?? 0) + count)
  return totals
}

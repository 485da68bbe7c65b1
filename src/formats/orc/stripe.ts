/**
 * A stripe: rows that can be read without any others.
 *
 *     index      for each column a stream with the row index: of each row group, where in the streams below it begins, and
 *                statistics; and one with the Bloom filters, if it has any
 *     data       for each column the streams of its values
 *     footer     StripeFooter: kind, column and length of each stream, in their order; how each column is encoded
 *
 * Each is compressed by itself. Nothing in a stripe depends on its place in the file.
 */
import { Buffer } from "node:buffer"
import type { EncodedGroup, RowType, StructValues } from "../columns/index.ts"
import { type EncodedColumn, encodeColumns } from "./columns.ts"
import { type Stored, store } from "./compression.ts"
import { bloomFilterIndex, type ColumnEncoding, rowIndex, type StoredStream, stripeFooter } from "./messages.ts"
import type { OrcOptions } from "./options.ts"
import { type ColumnStatistics, mergeStatistics } from "./statistics.ts"
import type { Stream, StreamKind } from "./streams.ts"

/** What the file's footer says of a stripe. */
export interface OrcStripeFacts {
  readonly indexLength: number
  readonly dataLength: number
  readonly footerLength: number
  /** Of each column, by its id. */
  readonly statistics: readonly ColumnStatistics[]
}

/** The stripe of these rows, of which there is at least one. */
export function encodeStripe(type: RowType, rows: StructValues, options: OrcOptions): EncodedGroup<OrcStripeFacts> {
  const columns = encodeColumns(type, rows, options)
  const index: Part[] = []
  const data: Part[] = []
  for (const [columnId, column] of columns.entries()) {
    const streams = column.streams.map((stream) => ({ stream, stored: store(stream.bytes, options.compression) }))
    const part = (kind: StreamKind, stored: Stored): Part => ({ kind, columnId, bytes: stored.bytes })
    index.push(part("rowIndex", store(rowIndexOf(column, streams), options.compression)))
    if (column.bloomFilters.length > 0) {
      index.push(part("bloomFilterUtf8", store(bloomFilterIndex(column.bloomFilters), options.compression)))
    }
    data.push(...streams.map(({ stream, stored }) => part(stream.kind, stored)))
  }
  const parts = [...index, ...data]
  const streams = parts.map(({ kind, columnId, bytes }): StoredStream => ({ kind, columnId, length: bytes.length }))
  const encodings = columns.map((column) => encodingOf(column, options))
  const footer = store(stripeFooter(streams, encodings), options.compression).bytes
  return {
    bytes: Buffer.concat([...parts.map(({ bytes }) => bytes), footer]),
    rowCount: rows.entryCount,
    facts: {
      indexLength: lengthOf(index),
      dataLength: lengthOf(data),
      footerLength: footer.length,
      statistics: columns.map((column) => mergeStatistics(column.type, column.statistics)),
    },
  }
}

interface Part {
  readonly kind: StreamKind
  readonly columnId: number
  readonly bytes: Uint8Array
}

function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

interface StoredColumnStream {
  readonly stream: Stream
  readonly stored: Stored
}

function rowIndexOf({ type, statistics }: EncodedColumn, streams: readonly StoredColumnStream[]): Uint8Array {
  const groups = statistics.map((own, group) => ({
    statistics: own,
    positions: streams.flatMap(({ stream, stored }) => {
      const mark = stream.marks[group]
      return mark === undefined ? [] : [...stored.locate(mark.byteOffset), ...mark.skip]
    }),
  }))
  return rowIndex(type, groups)
}

/** Version 2 is that of runs of integers: without any, there is only one. */
function encodingOf({ type, dictionarySize, bloomFilters }: EncodedColumn, options: OrcOptions): ColumnEncoding {
  const isFirstVersion = options.formatVersion === "V0_11" || !hasIntegerRuns(type.kind)
  const kind = dictionarySize === undefined ? "direct" : "dictionary"
  return {
    kind: isFirstVersion ? kind : `${kind}V2`,
    dictionarySize,
    hasBloomFilters: bloomFilters.length > 0,
  }
}

function hasIntegerRuns(kind: EncodedColumn["type"]["kind"]): boolean {
  return kind !== "boolean" && kind !== "tinyint" && kind !== "float" && kind !== "double" && kind !== "struct"
}

/**
 * The messages of ORC's protocol buffers (orc_proto.proto of Apache ORC), as far as a writer needs them: each function names the
 * message that it writes, and each line the number and the name of a field.
 */
import { Buffer } from "node:buffer"
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import type { Column, HiveType, RowType } from "../columns/index.ts"
import type { BloomFilter } from "./bloom-filter.ts"
import { childTypes, columnTypes } from "./column-types.ts"
import { decimalText } from "./decimals.ts"
import type { OrcOptions } from "./options.ts"
import { type ColumnStatistics, cutText, exactTextBytesMax } from "./statistics.ts"
import { type StreamKind, streamKinds } from "./streams.ts"

const { Varint, Bit64, LengthDelimited } = WireType

const compressionKinds = { NONE: 0, ZLIB: 1, SNAPPY: 2 } as const

/** Of the writers that number their versions for readers to know their faults by: that of Java, which others follow too. */
const javaWriter = 0

/** ORC-14, the latest of the Java writer. From ORC-135 on timestamps in statistics and Bloom filters are trusted to be in UTC. */
const writerVersion = 9

/** As if the calendar of today had always been. */
const prolepticGregorian = 2

const typeKinds = {
  boolean: 0,
  tinyint: 1,
  smallint: 2,
  int: 3,
  bigint: 4,
  float: 5,
  double: 6,
  string: 7,
  binary: 8,
  timestamp: 9,
  array: 10,
  map: 11,
  struct: 12,
  decimal: 14,
  date: 15,
  varchar: 16,
  char: 17,
} as const satisfies Record<HiveType["kind"], number>

export interface PostScript {
  readonly footerLength: number
  readonly metadataLength: number
  readonly compressionBlockSize: number
  readonly options: OrcOptions
}

export function postScript({ footerLength, metadataLength, compressionBlockSize, options }: PostScript): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, Varint).uint64(footerLength) // footerLength
  writer.tag(2, Varint).int32(compressionKinds[options.compression]) // compression
  writer.tag(3, Varint).uint64(compressionBlockSize) // compressionBlockSize
  packed(writer, 4, [0, options.formatVersion === "V0_11" ? 11 : 12]) // version
  writer.tag(5, Varint).uint64(metadataLength) // metadataLength
  writer.tag(6, Varint).uint32(writerVersion) // writerVersion
  writer.tag(8000, LengthDelimited).string("ORC") // magic
  return writer.finish()
}

export interface Footer {
  readonly headerLength: number
  /** Of all before the metadata, header and padding included: so the Java writer has it. */
  readonly contentLength: number
  readonly stripes: readonly StripeInformation[]
  readonly type: RowType
  readonly rowCount: number
  /** Of each column, in the order of `columnTypes`. */
  readonly statistics: readonly ColumnStatistics[]
  readonly options: OrcOptions
}

export interface StripeInformation {
  readonly offset: number
  readonly indexLength: number
  readonly dataLength: number
  readonly footerLength: number
  readonly rowCount: number
}

export function footer(file: Footer): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, Varint).uint64(file.headerLength) // headerLength
  writer.tag(2, Varint).uint64(file.contentLength) // contentLength
  for (const stripe of file.stripes) nested(writer, 3, () => stripeInformation(writer, stripe)) // stripes
  const types = columnTypes(file.type)
  for (const [id, type] of types.entries()) nested(writer, 4, () => typeMessage(writer, type, id)) // types
  writer.tag(6, Varint).uint64(file.rowCount) // numberOfRows
  for (const [id, statistics] of file.statistics.entries()) {
    nested(writer, 7, () => columnStatistics(writer, types[id] ?? file.type, statistics)) // statistics
  }
  writer.tag(8, Varint).uint32(file.options.rowIndexStride) // rowIndexStride
  writer.tag(9, Varint).uint32(javaWriter) // writer
  writer.tag(11, Varint).int32(prolepticGregorian) // calendar
  return writer.finish()
}

/** Metadata: of each stripe the statistics of each column. */
export function metadata(type: RowType, stripes: readonly (readonly ColumnStatistics[])[]): Uint8Array {
  const writer = new BinaryWriter()
  const types = columnTypes(type)
  for (const columns of stripes) {
    // stripeStats, a StripeStatistics
    nested(writer, 1, () => {
      for (const [id, statistics] of columns.entries()) {
        nested(writer, 1, () => columnStatistics(writer, types[id] ?? type, statistics)) // colStats
      }
    })
  }
  return writer.finish()
}

/** A stream of a column in a stripe, as its footer tells of it. */
export interface StoredStream {
  readonly kind: StreamKind
  readonly columnId: number
  readonly length: number
}

export interface ColumnEncoding {
  readonly kind: "direct" | "directV2" | "dictionary" | "dictionaryV2"
  readonly dictionarySize: number | undefined
  readonly hasBloomFilters: boolean
}

const encodingKinds = { direct: 0, dictionary: 1, directV2: 2, dictionaryV2: 3 } as const

/** Of Bloom filters: texts are hashed as UTF-8, timestamps in UTC. */
const utf8AndUtc = 1

export function stripeFooter(streams: readonly StoredStream[], columns: readonly ColumnEncoding[]): Uint8Array {
  const writer = new BinaryWriter()
  for (const { kind, columnId, length } of streams) {
    // streams, each a Stream
    nested(writer, 1, () => {
      writer.tag(1, Varint).int32(streamKinds[kind]) // kind
      writer.tag(2, Varint).uint32(columnId) // column
      writer.tag(3, Varint).uint64(length) // length
    })
  }
  for (const { kind, dictionarySize, hasBloomFilters } of columns) {
    // columns, each a ColumnEncoding
    nested(writer, 2, () => {
      writer.tag(1, Varint).int32(encodingKinds[kind]) // kind
      if (dictionarySize !== undefined) writer.tag(2, Varint).uint32(dictionarySize) // dictionarySize
      if (hasBloomFilters) writer.tag(3, Varint).uint32(utf8AndUtc) // bloomEncoding
    })
  }
  writer.tag(3, LengthDelimited).string("UTC") // writerTimezone
  return writer.finish()
}

export interface RowGroup {
  readonly positions: readonly number[]
  readonly statistics: ColumnStatistics
}

export function rowIndex(type: HiveType, groups: readonly RowGroup[]): Uint8Array {
  const writer = new BinaryWriter()
  for (const { positions, statistics } of groups) {
    // entry, each a RowIndexEntry
    nested(writer, 1, () => {
      packed(writer, 1, positions) // positions
      nested(writer, 2, () => columnStatistics(writer, type, statistics)) // statistics
    })
  }
  return writer.finish()
}

export function bloomFilterIndex(filters: readonly BloomFilter[]): Uint8Array {
  const writer = new BinaryWriter()
  for (const { hashCount, bits } of filters) {
    // bloomFilter, each a BloomFilter
    nested(writer, 1, () => {
      writer.tag(1, Varint).uint32(hashCount) // numHashFunctions
      writer.tag(3, LengthDelimited).bytes(bits) // utf8bitset
    })
  }
  return writer.finish()
}

/** Type */
function typeMessage(writer: BinaryWriter, type: HiveType, id: number) {
  writer.tag(1, Varint).int32(typeKinds[type.kind]) // kind
  let childId = id + 1
  const childIds = childTypes(type).map((child) => {
    const ownId = childId
    childId += columnTypes(child).length
    return ownId
  })
  if (childIds.length > 0) packed(writer, 2, childIds) // subtypes
  const fields: readonly Column[] = type.kind === "struct" ? type.fields : []
  for (const { name } of fields) writer.tag(3, LengthDelimited).string(name) // fieldNames
  if (type.kind === "char" || type.kind === "varchar") writer.tag(4, Varint).uint32(type.length) // maximumLength
  if (type.kind === "decimal") {
    writer.tag(5, Varint).uint32(type.precision) // precision
    writer.tag(6, Varint).uint32(type.scale) // scale
  }
}

/** StripeInformation */
function stripeInformation(writer: BinaryWriter, stripe: StripeInformation) {
  writer.tag(1, Varint).uint64(stripe.offset) // offset
  writer.tag(2, Varint).uint64(stripe.indexLength) // indexLength
  writer.tag(3, Varint).uint64(stripe.dataLength) // dataLength
  writer.tag(4, Varint).uint64(stripe.footerLength) // footerLength
  writer.tag(5, Varint).uint64(stripe.rowCount) // numberOfRows
}

/** ColumnStatistics: what kind of them is in it is told even without values. */
function columnStatistics(writer: BinaryWriter, type: HiveType, statistics: ColumnStatistics) {
  const { valueCount, hasNull, range, sum } = statistics
  writer.tag(1, Varint).uint64(valueCount) // numberOfValues
  switch (type.kind) {
    case "tinyint":
    case "smallint":
    case "int":
    case "bigint":
      // intStatistics
      nested(writer, 2, () => {
        if (range) writer.tag(1, Varint).sint64(range.minimum) // minimum
        if (range) writer.tag(2, Varint).sint64(range.maximum) // maximum
        if (BigInt.asIntN(64, BigInt(sum)) === BigInt(sum)) writer.tag(3, Varint).sint64(sum) // sum
      })
      break
    case "float":
    case "double":
      // doubleStatistics
      nested(writer, 3, () => {
        if (range) writer.tag(1, Bit64).double(Number(range.minimum)) // minimum
        if (range) writer.tag(2, Bit64).double(Number(range.maximum)) // maximum
        writer.tag(3, Bit64).double(Number(sum)) // sum
      })
      break
    case "string":
    case "char":
    case "varchar":
      if (hasUpperBound(range)) nested(writer, 4, () => stringStatistics(writer, statistics)) // stringStatistics
      break
    case "boolean":
      nested(writer, 5, () => packed(writer, 1, [Number(sum)])) // bucketStatistics: count
      break
    case "decimal":
      // decimalStatistics
      nested(writer, 6, () => {
        if (range) writer.tag(1, LengthDelimited).string(decimalText(BigInt(range.minimum), type.scale)) // minimum
        if (range) writer.tag(2, LengthDelimited).string(decimalText(BigInt(range.maximum), type.scale)) // maximum
        // Of a sum that is no decimal(38) nothing is said.
        if (sum.replace("-", "").length <= 38) {
          writer.tag(3, LengthDelimited).string(decimalText(BigInt(sum), type.scale)) // sum
        }
      })
      break
    case "date":
      // dateStatistics
      nested(writer, 7, () => {
        if (range) writer.tag(1, Varint).sint32(Number(range.minimum)) // minimum
        if (range) writer.tag(2, Varint).sint32(Number(range.maximum)) // maximum
      })
      break
    case "binary":
      nested(writer, 8, () => writer.tag(1, Varint).sint64(sum)) // binaryStatistics: sum
      break
    case "timestamp":
      // timestampStatistics; without the nanoseconds of a bound readers take all that its millisecond has
      nested(writer, 9, () => {
        if (range) writer.tag(3, Varint).sint64(range.minimum) // minimumUtc
        if (range) writer.tag(4, Varint).sint64(range.maximum) // maximumUtc
      })
      break
    case "array":
    case "map":
    case "struct":
      break
  }
  writer.tag(10, Varint).bool(hasNull) // hasNull
}

/** StringStatistics */
function stringStatistics(writer: BinaryWriter, { range, sum }: ColumnStatistics) {
  if (range) {
    if (isExact(range.minimum)) writer.tag(1, LengthDelimited).string(range.minimum) // minimum
    if (isExact(range.maximum)) writer.tag(2, LengthDelimited).string(range.maximum) // maximum
  }
  writer.tag(3, Varint).sint64(sum) // sum
  if (range) {
    if (!isExact(range.minimum)) writer.tag(4, LengthDelimited).string(lowerBound(range.minimum)) // lowerBound
    const upper = isExact(range.maximum) ? undefined : upperBound(range.maximum)
    if (upper !== undefined) writer.tag(5, LengthDelimited).string(upper) // upperBound
  }
}

/** Readers take a minimum without a maximum badly, so of texts without an upper bound they are told nothing. */
function hasUpperBound(range: ColumnStatistics["range"]): boolean {
  return range === null || isExact(range.maximum) || upperBound(range.maximum) !== undefined
}

function isExact(text: string): boolean {
  return Buffer.byteLength(text) <= exactTextBytesMax
}

function lowerBound(text: string): string {
  return cutText(Buffer.from(text), exactTextBytesMax)
}

/** Above all texts that begin like this one; undefined if there is none. */
function upperBound(text: string): string | undefined {
  const codePoints = Array.from(lowerBound(text), (character) => character.codePointAt(0) ?? 0)
  const last = codePoints.findLastIndex((codePoint) => codePoint < lastCodePoint)
  if (last < 0) return undefined
  const next = (codePoints[last] ?? 0) + 1
  return String.fromCodePoint(...codePoints.slice(0, last), next === firstSurrogate ? behindSurrogates : next)
}

const lastCodePoint = 0x10ffff
const firstSurrogate = 0xd800
const behindSurrogates = 0xe000

function nested(writer: BinaryWriter, field: number, write: () => void) {
  writer.tag(field, LengthDelimited).fork()
  write()
  writer.join()
}

function packed(writer: BinaryWriter, field: number, numbers: readonly number[]) {
  nested(writer, field, () => {
    for (const number of numbers) writer.uint64(number)
  })
}

/**
 * Reads ORC files, and holds everything in them against everything else: streams against counts, row indexes against what is read without
 * them, statistics and Bloom filters against values. It is there for tests, written from ORC's specification v1 and apart from the writer
 * in src/, and does not try to be fast.
 *
 *     "ORC" | stripes, each: indexes, data, stripe footer | metadata | footer | postscript | its length (1 byte)
 */
import { isDeepStrictEqual } from "node:util"
import type { RowType } from "../../../src/formats/columns/index.ts"
import { checkBloomFilter } from "./bloom-filter.ts"
import { ByteStream, type Compression, Positions } from "./byte-stream.ts"
import { assemble, type Column, ColumnReader, type ColumnStreams, childEntryCount, type Entry } from "./column.ts"
import { Message } from "./message.ts"
import type { CompressionKind, EncodingKind, StreamKind } from "./orc-messages.ts"
import * as messages from "./orc-messages.ts"
import type { OrcValue } from "./orc-value.ts"
import { schemaOf } from "./schema.ts"
import { checkStatistics, type WriterKind } from "./statistics.ts"

export interface OrcFile {
  readonly schema: RowType
  /** The values of each row's columns. */
  readonly rows: readonly (readonly OrcValue[])[]
  readonly compression: CompressionKind
  /** `0.11` or `0.12`. */
  readonly version: string
  readonly stripes: readonly OrcStripe[]
}

export interface OrcStripe {
  /** In the file. */
  readonly offset: number
  readonly rowCount: number
  readonly rowGroupCount: number
  /** Of each column of the file, nested ones and the row itself included, parents first. */
  readonly encodings: readonly EncodingKind[]
  /** Ids of the columns that have Bloom filters. */
  readonly bloomFilterColumns: readonly number[]
}

/** Throws an Error that says what is wrong with the file, and where. */
export function readOrc(bytes: Uint8Array): OrcFile {
  const tail = readTail(bytes)
  const columns = flattened(tail.root)
  const stripes = tail.stripes.map((stripe, index) => readStripe(`Stripe ${index}`, bytes, tail, columns, stripe))
  columns.forEach(({ id, type }, index) => {
    const statistics = tail.statistics[index]
    if (statistics === undefined) throw new Error(`The file has no statistics of column ${id}`)
    const entries = stripes.flatMap((stripe) => stripe.entries[id] ?? [])
    checkStatistics(`The file's statistics of column ${id}`, type, statistics, entries, tail.writer)
  })
  const rows = stripes.flatMap((stripe) => stripe.rows)
  expectEqual("The file's numberOfRows", tail.rowCount, rows.length)
  return {
    schema: tail.schema,
    rows,
    compression: tail.compression.kind,
    version: tail.version,
    stripes: stripes.map((stripe) => stripe.facts),
  }
}

interface Tail {
  readonly schema: RowType
  readonly root: Column
  readonly compression: Compression
  readonly version: string
  readonly writer: WriterKind
  readonly rowCount: number
  /** 0 if there are no row indexes. */
  readonly rowIndexStride: number
  readonly statistics: readonly Message<typeof messages.columnStatistics>[]
  readonly stripes: readonly StripeInTail[]
}

interface StripeInTail {
  readonly information: Message<typeof messages.stripeInformation>
  /** Of each column. */
  readonly statistics: readonly Message<typeof messages.columnStatistics>[]
}

function readTail(bytes: Uint8Array): Tail {
  const magic = Buffer.from("ORC")
  if (!magic.equals(bytes.subarray(0, 3))) throw new Error("The file does not begin with ORC")
  const postScriptEnd = bytes.length - 1
  const postScriptStart = postScriptEnd - (bytes[postScriptEnd] ?? 0)
  const postScript = new Message("The postscript", messages.postScript, bytes.subarray(postScriptStart, postScriptEnd))
  expectEqual("The postscript's magic", postScript.text("magic"), "ORC")
  const version = postScript.numbers("version").join(".")
  if (version !== "0.11" && version !== "0.12") throw new Error(`The file has the version ${version}`)
  // Before 6, readers hold statistics and Bloom filters for those of old writers, and do not trust them.
  if (postScript.number("writerVersion", 0) < 6) throw new Error("The postscript's writerVersion is below 6")
  const kindNumber = postScript.number("compression", 0)
  const kind = messages.named("The postscript's compression", messages.compressionKinds, kindNumber)
  const compression = { kind, blockBytesMax: kind === "NONE" ? 0 : postScript.number("compressionBlockSize") }

  const footerStart = postScriptStart - postScript.number("footerLength")
  const footer = new Message(
    "The footer",
    messages.footer,
    new ByteStream("The footer", bytes.subarray(footerStart, postScriptStart), compression).bytes,
  )
  const metadataStart = footerStart - postScript.number("metadataLength", 0)
  const metadata = new Message(
    "The metadata",
    messages.metadata,
    new ByteStream("The metadata", bytes.subarray(metadataStart, footerStart), compression).bytes,
  )
  expectEqual("The footer's headerLength", footer.number("headerLength"), 3)
  // The writer in C++ leaves the header out.
  const writer = footer.number("writer", 0) === 1 ? "cpp" : "other"
  const contentStart = writer === "cpp" ? 3 : 0
  expectEqual("The footer's contentLength", contentStart + footer.number("contentLength"), metadataStart)

  const { schema, root } = schemaOf(footer.messages("types", messages.type))
  const columnCount = flattened(root).length
  const statistics = footer.messages("statistics", messages.columnStatistics)
  expectEqual("The number of the file's statistics", statistics.length, columnCount)
  const informations = footer.messages("stripes", messages.stripeInformation)
  const stripeStatistics = metadata.messages("stripeStatistics", messages.stripeStatistics)
  expectEqual("The number of stripe statistics", stripeStatistics.length, informations.length)
  const stripes = informations.map((information, index) => {
    const ofColumns = stripeStatistics[index]?.messages("columns", messages.columnStatistics) ?? []
    expectEqual(`The number of statistics of stripe ${index}`, ofColumns.length, columnCount)
    return { information, statistics: ofColumns }
  })
  checkPlaces(bytes, stripes, metadataStart)
  return {
    schema,
    root,
    compression,
    version,
    writer,
    rowCount: footer.number("numberOfRows"),
    rowIndexStride: footer.number("rowIndexStride", 0),
    statistics,
    stripes,
  }
}

/** Stripes follow one another, with nothing but zeros between them. */
function checkPlaces(bytes: Uint8Array, stripes: readonly StripeInTail[], contentEnd: number) {
  let end = 3
  for (const [index, { information }] of stripes.entries()) {
    const offset = information.number("offset")
    if (offset < end) throw new Error(`Stripe ${index} begins at ${offset}, before ${end}`)
    if (bytes.subarray(end, offset).some((byte) => byte !== 0))
      throw new Error(`Stripe ${index} is padded with more than zeros`)
    end = offset
    for (const part of ["indexLength", "dataLength", "footerLength"] as const) end += information.number(part, 0)
  }
  expectEqual("The end of the stripes", end, contentEnd)
}

interface ReadStripe {
  readonly facts: OrcStripe
  readonly rows: readonly (readonly OrcValue[])[]
  /** Of each column, by its id. */
  readonly entries: readonly (readonly Entry[])[]
}

function readStripe(
  what: string,
  bytes: Uint8Array,
  tail: Tail,
  columns: readonly Column[],
  { information, statistics }: StripeInTail,
): ReadStripe {
  const rowCount = information.number("numberOfRows")
  const { streamsOf, encodings } = openStripe(what, bytes, tail, columns, information)
  const groupCount = tail.rowIndexStride === 0 ? 0 : Math.ceil(rowCount / tail.rowIndexStride)
  const groupStarts = Array.from({ length: groupCount }, (_, group) => group * tail.rowIndexStride)
  const entries: (readonly Entry[])[] = []
  const bloomFilterColumns: number[] = []

  const readColumn = (column: Column, count: number, starts: readonly number[]) => {
    const streams = streamsOf(column)
    const reader = new ColumnReader(column, streams)
    const read = reader.read(count)
    reader.finish()
    entries[column.id] = read
    const ofStripe = statistics[column.id]
    if (ofStripe === undefined) throw new Error(`${streams.what} has no statistics`)
    checkStatistics(`${streams.what}: the stripe's statistics`, column.type, ofStripe, read, tail.writer)
    const groups = starts.map((start, group) => ({ start, entries: read.slice(start, starts[group + 1]) }))
    if (tail.rowIndexStride > 0) checkRowIndex(column, streams, reader, groups, tail.writer)
    if (checkBloomFilters(column, streams, groups)) bloomFilterColumns.push(column.id)
    const childCount = childEntryCount(column, read)
    let childStart = 0
    const childStarts = groups.map((group) => {
      const start = childStart
      childStart += childEntryCount(column, group.entries)
      return start
    })
    for (const child of column.children) readColumn(child, childCount, childStarts)
  }
  readColumn(tail.root, rowCount, groupStarts)

  const rows = assemble(tail.root, (id) => entries[id] ?? []).map((row, index) => {
    if (Array.isArray(row)) return row
    throw new Error(`${what}: row ${index} is null`)
  })
  const facts = {
    offset: information.number("offset"),
    rowCount,
    rowGroupCount: groupCount,
    encodings,
    bloomFilterColumns,
  }
  return { facts, rows, entries }
}

/** Of all entries, those in a row group. */
interface Group {
  readonly start: number
  readonly entries: readonly Entry[]
}

function checkRowIndex(
  column: Column,
  streams: ColumnStreams,
  reader: ColumnReader,
  groups: readonly Group[],
  writer: WriterKind,
) {
  const index = new Message(`${streams.what}: row index`, messages.rowIndex, streams.stream("ROW_INDEX").bytes)
  const indexed = index.messages("entries", messages.rowIndexEntry)
  expectEqual(`${streams.what}: entries of the row index`, indexed.length, groups.length)
  // From the last to the first, so that none is found only because its predecessor was read.
  for (const [group, entry] of [...indexed.entries()].reverse()) {
    const what = `${streams.what}, row group ${group}`
    const entries = groups[group]?.entries ?? []
    reader.seek(new Positions(what, entry.numbers("positions")))
    const read = reader.read(entries.length)
    if (!isDeepStrictEqual(read, entries)) throw new Error(`${what}: its positions lead elsewhere`)
    checkStatistics(what, column.type, entry.message("statistics", messages.columnStatistics), entries, writer)
  }
}

function checkBloomFilters(column: Column, streams: ColumnStreams, groups: readonly Group[]): boolean {
  const kinds = (["BLOOM_FILTER", "BLOOM_FILTER_UTF8"] as const).filter((kind) => streams.hasStream(kind))
  for (const kind of kinds) {
    const what = `${streams.what}: ${kind}`
    const index = new Message(what, messages.bloomFilterIndex, streams.stream(kind).bytes)
    const filters = index.messages("filters", messages.bloomFilter)
    expectEqual(`${what}: filters`, filters.length, groups.length)
    filters.forEach((filter, group) => {
      checkBloomFilter(`${what}, row group ${group}`, column.type, filter, groups[group]?.entries ?? [])
    })
  }
  return kinds.length > 0
}

interface OpenStripe {
  streamsOf(column: Column): ColumnStreams
  readonly encodings: readonly EncodingKind[]
}

function openStripe(
  what: string,
  bytes: Uint8Array,
  tail: Tail,
  columns: readonly Column[],
  information: Message<typeof messages.stripeInformation>,
): OpenStripe {
  const start = information.number("offset")
  const dataStart = start + information.number("indexLength", 0)
  const footerStart = dataStart + information.number("dataLength", 0)
  const footerEnd = footerStart + information.number("footerLength")
  const footerBytes = new ByteStream(`${what}: footer`, bytes.subarray(footerStart, footerEnd), tail.compression).bytes
  const footer = new Message(`${what}: footer`, messages.stripeFooter, footerBytes)
  const timeZone = footer.has("writerTimezone") ? footer.text("writerTimezone") : "UTC"
  if (timeZone !== "UTC" && timeZone !== "GMT") throw new Error(`${what} has timestamps of ${timeZone}`)
  const encodings = footer.messages("columns", messages.columnEncoding)
  expectEqual(`${what}: encodings`, encodings.length, columns.length)

  const streams = new Map<string, ByteStream>()
  let at = start
  for (const [index, stream] of footer.messages("streams", messages.stream).entries()) {
    const kind = messages.named(`${what}: stream ${index}`, messages.streamKinds, stream.number("kind", 0))
    const name = `column ${stream.number("column", 0)}: ${kind}`
    if (streams.has(name)) throw new Error(`${what} has ${name} twice`)
    const isIndex = ["ROW_INDEX", "BLOOM_FILTER", "BLOOM_FILTER_UTF8"].includes(kind)
    if (isIndex !== at < dataStart) {
      const isEmptyIndex = isIndex && at === dataStart && stream.number("length", 0) === 0
      if (!isEmptyIndex) throw new Error(`${what} has ${name} at ${at}, but its data begins at ${dataStart}`)
    }
    const end = at + stream.number("length", 0)
    streams.set(name, new ByteStream(`${what}, ${name}`, bytes.subarray(at, end), tail.compression))
    at = end
  }
  expectEqual(`${what}: end of the streams`, at, footerStart)

  const kinds = columns.map((column, index) => {
    const number = encodings[index]?.number("kind", 0) ?? 0
    const kind = messages.named(`${what}, column ${column.id}: encoding`, messages.encodingKinds, number)
    const allowed = allowedEncodings(column, tail.version)
    if (allowed.includes(kind)) return kind
    throw new Error(`${what}, column ${column.id}: a ${column.type.kind} is ${kind}, not ${allowed.join(" or ")}`)
  })
  for (const name of streams.keys()) {
    const [, id = "", kind = ""] = /^column (\d+): (.+)$/.exec(name) ?? []
    const column = columns[Number(id)]
    if (column === undefined || !allowedStreams(column, kinds[column.id]).includes(kind)) {
      throw new Error(`${what} has ${name}, which such a column does not have`)
    }
  }
  return {
    encodings: kinds,
    streamsOf: ({ id }) => ({
      what: `${what}, column ${id}`,
      encoding: kinds[id] ?? "DIRECT",
      dictionarySize: encodings[id]?.number("dictionarySize", 0),
      hasStream: (kind) => streams.has(`column ${id}: ${kind}`),
      stream: (kind) =>
        streams.get(`column ${id}: ${kind}`) ??
        new ByteStream(`${what}, column ${id}: missing ${kind}`, new Uint8Array(), tail.compression),
    }),
  }
}

function allowedEncodings({ type }: Column, version: string): readonly EncodingKind[] {
  switch (type.kind) {
    case "boolean":
    case "tinyint":
    case "float":
    case "double":
    case "struct":
      return ["DIRECT"]
    case "string":
    case "char":
    case "varchar":
      return version === "0.11" ? ["DIRECT", "DICTIONARY"] : ["DIRECT_V2", "DICTIONARY_V2"]
    default:
      return [version === "0.11" ? "DIRECT" : "DIRECT_V2"]
  }
}

function allowedStreams({ type }: Column, encoding: EncodingKind | undefined): readonly string[] {
  const always: StreamKind[] = ["PRESENT", "ROW_INDEX"]
  switch (type.kind) {
    case "struct":
      return always
    case "array":
    case "map":
      return [...always, "LENGTH"]
    case "boolean":
    case "tinyint":
    case "smallint":
    case "int":
    case "bigint":
    case "float":
    case "double":
    case "date":
      return [...always, "BLOOM_FILTER", "BLOOM_FILTER_UTF8", "DATA"]
    case "decimal":
    case "timestamp":
      return [...always, "BLOOM_FILTER", "BLOOM_FILTER_UTF8", "DATA", "SECONDARY"]
    case "binary":
      return [...always, "BLOOM_FILTER", "BLOOM_FILTER_UTF8", "DATA", "LENGTH"]
    case "string":
    case "char":
    case "varchar": {
      const dictionary = encoding?.startsWith("DICTIONARY") ? ["DICTIONARY_DATA"] : []
      return [...always, "BLOOM_FILTER", "BLOOM_FILTER_UTF8", "DATA", "LENGTH", ...dictionary]
    }
  }
}

function flattened(column: Column): readonly Column[] {
  return [column, ...column.children.flatMap(flattened)]
}

function expectEqual(what: string, actual: number | string, expected: number | string) {
  if (actual !== expected) throw new Error(`${what}: ${actual}, but it should be ${expected}`)
}

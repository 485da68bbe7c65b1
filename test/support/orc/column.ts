/** The columns of a file, and what each holds in a stripe. */
import type { HiveType } from "../../../src/formats/columns/index.ts"
import type { ByteStream, Positions } from "./byte-stream.ts"
import { decodeText } from "./message.ts"
import type { EncodingKind, StreamKind } from "./orc-messages.ts"
import type { LeafValue, OrcDecimal, OrcTimestamp, OrcValue } from "./orc-value.ts"
import {
  BooleanRuns,
  ByteRuns,
  type Decoder,
  IntegerRunsV1,
  IntegerRunsV2,
  readVarint,
  unZigzag,
} from "./run-lengths.ts"

/** A type with its place among all types of the file, parents before their children. */
export interface Column {
  readonly id: number
  readonly type: HiveType
  readonly children: readonly Column[]
}

/** What a column holds for an entry: a value, of an array or a map how many entries of its children, of a struct `true`; or null. */
export type Entry = LeafValue | null

export interface ColumnStreams {
  /** For errors. */
  readonly what: string
  readonly encoding: EncodingKind
  /** Of a dictionary. */
  readonly dictionarySize: number | undefined
  /** A stream that is not there is empty. */
  stream(kind: StreamKind): ByteStream
  hasStream(kind: StreamKind): boolean
}

/** Reads a column's own entries in a stripe, from its start or from where a row index says. */
export class ColumnReader {
  readonly #present: Decoder<boolean> | undefined
  readonly #values: Decoder<LeafValue>

  constructor(column: Column, streams: ColumnStreams) {
    this.#present = streams.hasStream("PRESENT") ? new BooleanRuns(streams.stream("PRESENT")) : undefined
    this.#values = valueDecoder(column.type, streams)
  }

  read(count: number): readonly Entry[] {
    return Array.from({ length: count }, () => (this.#present?.next() === false ? null : this.#values.next()))
  }

  seek(positions: Positions) {
    this.#present?.seek(positions)
    this.#values.seek(positions)
    positions.finish()
  }

  /** Throws if the streams hold more than was read. */
  finish() {
    this.#present?.finish()
    this.#values.finish()
  }
}

/** How many entries its children have together for these of a column. */
export function childEntryCount(column: Column, entries: readonly Entry[]): number {
  let count = 0
  for (const entry of entries) if (entry !== null) count += column.type.kind === "struct" ? 1 : Number(entry)
  return count
}

/** Puts values together from the entries of a column and of those below it, by their ids. */
export function assemble(column: Column, entriesOf: (id: number) => readonly Entry[]): readonly OrcValue[] {
  const entries = entriesOf(column.id)
  const children = column.children.map((child) => assemble(child, entriesOf))
  let at = 0
  return entries.map((entry): OrcValue => {
    if (entry === null || children.length === 0) return entry
    const count = column.type.kind === "struct" ? 1 : Number(entry)
    const parts = children.map((values) => values.slice(at, at + count))
    at += count
    switch (column.type.kind) {
      case "struct":
        return parts.map((values) => values[0] ?? null)
      case "map":
        return Array.from({ length: count }, (_, index) => parts.map((values) => values[index] ?? null))
      default:
        return parts[0] ?? []
    }
  })
}

function valueDecoder(type: HiveType, streams: ColumnStreams): Decoder<LeafValue> {
  const data = () => streams.stream("DATA")
  switch (type.kind) {
    case "boolean":
      return new BooleanRuns(data())
    case "tinyint":
      return new Converted(new ByteRuns(data()), (byte) => (byte << 24) >> 24)
    case "smallint":
      return new Converted(integers(streams, "DATA", true), (value) => bounded(streams.what, value, 16))
    case "int":
    case "date":
      return new Converted(integers(streams, "DATA", true), (value) => bounded(streams.what, value, 32))
    case "bigint":
      return integers(streams, "DATA", true)
    case "float":
      return new FixedValues(data(), 4, (view) => view.getFloat32(0, true))
    case "double":
      return new FixedValues(data(), 8, (view) => view.getFloat64(0, true))
    case "string":
      return new Converted(byteStrings(streams), (bytes) => decodeText(streams.what, bytes))
    case "char":
    case "varchar":
      return new Converted(byteStrings(streams), (bytes) => {
        const text = decodeText(streams.what, bytes)
        if ([...text].length <= type.length) return text
        throw new Error(`${streams.what} has more than ${type.length} characters: ${JSON.stringify(text)}`)
      })
    case "binary":
      // No Buffer, which would not be equal to other bytes for assert.
      return new Converted(byteStrings(streams), (bytes) => Uint8Array.from(bytes))
    case "decimal":
      return new DecimalsOfType(streams, type.precision, type.scale)
    case "timestamp":
      return new Timestamps(streams)
    case "array":
    case "map":
      return new Converted(integers(streams, "LENGTH", false), (value) => length(streams.what, value))
    case "struct":
      return { next: () => true, seek() {}, finish() {} }
  }
}

function integers(streams: ColumnStreams, kind: StreamKind, isSigned: boolean): Decoder<bigint> {
  const Version = streams.encoding.endsWith("V2") ? IntegerRunsV2 : IntegerRunsV1
  return new Version(streams.stream(kind), isSigned)
}

function bounded(what: string, value: bigint, bitCount: number): number {
  if (BigInt.asIntN(bitCount, value) !== value) throw new Error(`${what} has ${value} in ${bitCount} bits`)
  return Number(value)
}

function length(what: string, value: bigint): number {
  if (value < 0n || value >= 1n << 31n) throw new Error(`${what} has a length of ${value}`)
  return Number(value)
}

class Converted<Raw, Value> implements Decoder<Value> {
  readonly #raw: Decoder<Raw>
  readonly #convert: (raw: Raw) => Value

  constructor(raw: Decoder<Raw>, convert: (raw: Raw) => Value) {
    this.#raw = raw
    this.#convert = convert
  }

  next(): Value {
    return this.#convert(this.#raw.next())
  }

  seek(positions: Positions) {
    this.#raw.seek(positions)
  }

  finish() {
    this.#raw.finish()
  }
}

/** Values of so many bytes each. */
class FixedValues implements Decoder<number> {
  readonly #stream: ByteStream
  readonly #sizeBytes: number
  readonly #convert: (view: DataView) => number

  constructor(stream: ByteStream, sizeBytes: number, convert: (view: DataView) => number) {
    this.#stream = stream
    this.#sizeBytes = sizeBytes
    this.#convert = convert
  }

  next(): number {
    const bytes = this.#stream.read(this.#sizeBytes)
    return this.#convert(new DataView(bytes.buffer, bytes.byteOffset, bytes.length))
  }

  seek(positions: Positions) {
    this.#stream.seek(positions)
  }

  finish() {
    this.#stream.finish()
  }
}

function byteStrings(streams: ColumnStreams): Decoder<Uint8Array> {
  if (!streams.encoding.startsWith("DICTIONARY")) return new DirectStrings(streams)
  const words = dictionary(streams)
  return new Converted(integers(streams, "DATA", false), (index) => {
    const word = words[Number(index)]
    if (word === undefined) throw new Error(`${streams.what} has no word ${index} in its dictionary of ${words.length}`)
    return word
  })
}

/** Sorted by their bytes, each there once. */
function dictionary(streams: ColumnStreams): readonly Uint8Array[] {
  const bytes = streams.stream("DICTIONARY_DATA")
  const lengths = integers(streams, "LENGTH", false)
  const words = Array.from({ length: streams.dictionarySize ?? 0 }, () =>
    bytes.read(length(streams.what, lengths.next())),
  )
  bytes.finish()
  lengths.finish()
  for (const [index, word] of words.entries()) {
    const last = words[index - 1]
    if (last !== undefined && Buffer.compare(last, word) >= 0) {
      throw new Error(`${streams.what} has a dictionary that is not sorted, at word ${index}`)
    }
  }
  return words
}

class DirectStrings implements Decoder<Uint8Array> {
  readonly #what: string
  readonly #bytes: ByteStream
  readonly #lengths: Decoder<bigint>

  constructor(streams: ColumnStreams) {
    this.#what = streams.what
    this.#bytes = streams.stream("DATA")
    this.#lengths = integers(streams, "LENGTH", false)
  }

  next(): Uint8Array {
    return this.#bytes.read(length(this.#what, this.#lengths.next()))
  }

  seek(positions: Positions) {
    this.#bytes.seek(positions)
    this.#lengths.seek(positions)
  }

  finish() {
    this.#bytes.finish()
    this.#lengths.finish()
  }
}

/** Each with a scale of its own, which is at most that of the type. */
class DecimalsOfType implements Decoder<OrcDecimal> {
  readonly #what: string
  readonly #unscaled: ByteStream
  readonly #scales: Decoder<bigint>
  readonly #precision: number
  readonly #scale: number

  constructor(streams: ColumnStreams, precision: number, scale: number) {
    this.#what = streams.what
    this.#unscaled = streams.stream("DATA")
    this.#scales = integers(streams, "SECONDARY", true)
    this.#precision = precision
    this.#scale = scale
  }

  next(): OrcDecimal {
    const stored = unZigzag(readVarint(this.#unscaled))
    const scale = Number(this.#scales.next())
    if (scale < 0 || scale > this.#scale) throw new Error(`${this.#what} has a value of the scale ${scale}`)
    const unscaled = stored * 10n ** BigInt(this.#scale - scale)
    if (`${unscaled}`.replace("-", "").length <= this.#precision) return { unscaled, scale: this.#scale }
    throw new Error(`${this.#what} has more than ${this.#precision} digits in ${unscaled}`)
  }

  seek(positions: Positions) {
    this.#unscaled.seek(positions)
    this.#scales.seek(positions)
  }

  finish() {
    this.#unscaled.finish()
    this.#scales.finish()
  }
}

/** 2015-01-01T00:00:00Z, from which timestamps count. */
const epochSeconds = 1_420_070_400

/**
 * Writers round the seconds before 1970 up when there is a millisecond or more behind them, as Java's division does, and readers take
 * that back. So what is less than a second before 1970 comes back a second later, unless it is less than a millisecond behind a whole one:
 * the format can't hold it.
 */
class Timestamps implements Decoder<OrcTimestamp> {
  readonly #what: string
  readonly #seconds: Decoder<bigint>
  readonly #nanoseconds: Decoder<bigint>

  constructor(streams: ColumnStreams) {
    this.#what = streams.what
    this.#seconds = integers(streams, "DATA", true)
    this.#nanoseconds = integers(streams, "SECONDARY", false)
  }

  next(): OrcTimestamp {
    const stored = Number(this.#seconds.next()) + epochSeconds
    const nanoseconds = this.#nextNanoseconds()
    const seconds = stored < 0 && nanoseconds > 999_999 ? stored - 1 : stored
    if (!Number.isSafeInteger(seconds)) throw new Error(`${this.#what} has ${seconds} seconds`)
    return { seconds, nanoseconds }
  }

  seek(positions: Positions) {
    this.#seconds.seek(positions)
    this.#nanoseconds.seek(positions)
  }

  finish() {
    this.#seconds.finish()
    this.#nanoseconds.finish()
  }

  /** Without zeros at their end, which the lowest three bits count, less one: none or two to eight. */
  #nextNanoseconds(): number {
    const stored = this.#nanoseconds.next()
    const zeros = stored & 7n
    const nanoseconds = (stored >> 3n) * (zeros === 0n ? 1n : 10n ** (zeros + 1n))
    if (nanoseconds >= 0n && nanoseconds < 1_000_000_000n) return Number(nanoseconds)
    throw new Error(`${this.#what} has ${nanoseconds} nanoseconds`)
  }
}

/**
 * Rows, column by column, as both file formats take them: a reader of records appends, a format encodes. Memory is typed arrays
 * that grow and are used again.
 *
 * Every entry of a column is there or null. Values are dense: there is none for a null, and a struct's fields have entries only
 * for the structs that are there, as a list's element column has for elements of lists that are there.
 */
import { copyBytes, viewOf } from "./bytes-by-words.ts"
import type { HiveType, RowType } from "./hive-type.ts"

/** The values of a column of any type. */
export type Values =
  | BooleanValues
  | IntegerValues
  | LongValues
  | FloatValues
  | DoubleValues
  | DecimalValues
  | TextValues
  | TimestampValues
  | ListValues
  | MapValues
  | StructValues

/** Room for the rows of a table, with none in it. */
export function emptyRows(type: RowType): StructValues {
  return new StructValues(type.fields.map((field) => emptyValues(field.type)))
}

/** Room for the values of a column, with none in it. */
export function emptyValues(type: HiveType): Values {
  switch (type.kind) {
    case "boolean":
      return new BooleanValues()
    case "tinyint":
    case "smallint":
    case "int":
    case "date":
      return new IntegerValues()
    case "bigint":
      return new LongValues()
    case "float":
      return new FloatValues()
    case "double":
      return new DoubleValues()
    case "decimal":
      return new DecimalValues()
    case "string":
    case "char":
    case "varchar":
    case "binary":
      return new TextValues()
    case "timestamp":
      return new TimestampValues()
    case "array":
      return new ListValues(emptyValues(type.element))
    case "map":
      return new MapValues(emptyValues(type.key), emptyValues(type.value))
    case "struct":
      return emptyRows(type)
  }
}

/**
 * Which entries of a column are there. It is an object of its own, of one class: the same code in a base class of all columns would
 * meet as many classes as there are kinds of columns, and measured five times as long for each value.
 */
class Presence {
  #present = new Uint8Array(16)
  #entryCount = 0
  #valueCount = 0

  get entryCount(): number {
    return this.#entryCount
  }

  get valueCount(): number {
    return this.#valueCount
  }

  get present(): Uint8Array {
    return this.#present.subarray(0, this.#entryCount)
  }

  appendNull() {
    this.#append(0)
  }

  /** Counts one more value. Answers its index among the values. */
  appendPresent(): number {
    this.#append(1)
    return this.#valueCount++
  }

  truncate(entryCount: number) {
    for (let entry = entryCount; entry < this.#entryCount; entry++) this.#valueCount -= this.#present[entry] ?? 0
    this.#entryCount = entryCount
  }

  #append(isPresent: 0 | 1) {
    if (this.#entryCount === this.#present.length) this.#present = grown(this.#present, this.#entryCount + 1)
    this.#present[this.#entryCount++] = isPresent
  }
}

/** What columns of all types have: entries, of which each is a value or null. */
abstract class Entries {
  protected readonly presence = new Presence()

  /** Nulls included. */
  get entryCount(): number {
    return this.presence.entryCount
  }

  get valueCount(): number {
    return this.presence.valueCount
  }

  get nullCount(): number {
    return this.entryCount - this.valueCount
  }

  /** For each entry 1, or 0 for a null. Good until something is appended. */
  get present(): Uint8Array {
    return this.presence.present
  }

  appendNull() {
    this.presence.appendNull()
  }

  /** Takes back what was appended since there were so many entries, to the last value of nested columns. */
  truncate(entryCount: number) {
    this.presence.truncate(entryCount)
    this.truncateValues(this.valueCount)
  }

  clear() {
    this.truncate(0)
  }

  /** Takes back values behind the first so many, in whatever holds more than one thing for each. */
  protected abstract truncateValues(valueCount: number): void
}

/** Values of which each is one number in a typed array. */
abstract class Numbers<Memory extends Uint8Array | Int32Array | Float32Array | Float64Array> extends Entries {
  #memory: Memory

  constructor(memory: Memory) {
    super()
    this.#memory = memory
  }

  /** Good until something is appended. */
  get values(): Memory {
    return part(this.#memory, this.valueCount)
  }

  append(value: number) {
    const index = this.presence.appendPresent()
    if (index === this.#memory.length) this.#memory = grown(this.#memory, index + 1)
    this.#memory[index] = value
  }

  protected truncateValues() {}
}

/** boolean: 1 or 0. */
export class BooleanValues extends Numbers<Uint8Array> {
  readonly kind = "boolean"

  constructor() {
    super(new Uint8Array(16))
  }
}

/** tinyint, smallint, int, and date as days since 1970-01-01. */
export class IntegerValues extends Numbers<Int32Array> {
  readonly kind = "integer"

  constructor() {
    super(new Int32Array(16))
  }
}

export class FloatValues extends Numbers<Float32Array> {
  readonly kind = "float"

  constructor() {
    super(new Float32Array(16))
  }
}

export class DoubleValues extends Numbers<Float64Array> {
  readonly kind = "double"

  constructor() {
    super(new Float64Array(16))
  }
}

const twoTo32 = 2 ** 32
/** By memory: V8 of Node 20 was seen to end the process over BigInt.asIntN in code that it had optimized. */
const oneLong = new BigInt64Array(1)
const wordsOfLong = new Uint32Array(oneLong.buffer)

/** bigint. */
export class LongValues extends Entries {
  readonly kind = "long"
  #words = new Uint32Array(32)

  /** Little-endian, as both formats hold them: of each value the lower 32 bits, then the upper ones. */
  get words(): Uint32Array {
    return this.#words.subarray(0, 2 * this.valueCount)
  }

  /** An integer that a double holds exactly. */
  append(value: number) {
    this.#append(value >>> 0, Math.floor(value / twoTo32))
  }

  appendBigInt(value: bigint) {
    oneLong[0] = value
    this.#append(wordsOfLong[0] ?? 0, wordsOfLong[1] ?? 0)
  }

  /** Of the value with this index among the values. */
  at(index: number): bigint {
    return (BigInt((this.#words[2 * index + 1] ?? 0) | 0) << 32n) | BigInt(this.#words[2 * index] ?? 0)
  }

  protected truncateValues() {}

  #append(lower: number, upper: number) {
    const at = 2 * this.presence.appendPresent()
    if (at === this.#words.length) this.#words = grown(this.#words, at + 2)
    this.#words[at] = lower
    this.#words[at + 1] = upper
  }
}

const wordsPerDecimal = 4
const oneDecimal = new BigInt64Array(2)
const wordsOfDecimal = new Uint32Array(oneDecimal.buffer)

/** decimal: unscaled values, of the scale of the type. */
export class DecimalValues extends Entries {
  readonly kind = "decimal"
  #words = new Uint32Array(16 * wordsPerDecimal)

  /** Of each value 128 bits in two's complement, as four words of which the first is the lowest. */
  get words(): Uint32Array {
    return this.#words.subarray(0, wordsPerDecimal * this.valueCount)
  }

  /** An integer that a double holds exactly. */
  append(unscaled: number) {
    const sign = unscaled < 0 ? 0xffffffff : 0
    this.#append(unscaled >>> 0, Math.floor(unscaled / twoTo32), sign, sign)
  }

  /** Of at most 128 bits. */
  appendBigInt(unscaled: bigint) {
    oneDecimal[0] = unscaled
    oneDecimal[1] = unscaled >> 64n
    const [lowest = 0, second = 0, third = 0, highest = 0] = wordsOfDecimal
    this.#append(lowest, second, third, highest)
  }

  /** Of the value with this index among the values. */
  at(index: number): bigint {
    wordsOfDecimal.set(this.#words.subarray(wordsPerDecimal * index, wordsPerDecimal * (index + 1)))
    return ((oneDecimal[1] ?? 0n) << 64n) | BigInt.asUintN(64, oneDecimal[0] ?? 0n)
  }

  /** The same as a double, or undefined when that is no safe integer. */
  doubleAt(index: number): number | undefined {
    const words = this.#words
    const at = wordsPerDecimal * index
    const second = (words[at + 1] ?? 0) | 0
    const sign = (second >> 31) >>> 0
    if (words[at + 2] !== sign || words[at + 3] !== sign) return undefined
    const double = second * twoTo32 + (words[at] ?? 0)
    return Number.isSafeInteger(double) ? double : undefined
  }

  protected truncateValues() {}

  #append(lowest: number, second: number, third: number, highest: number) {
    const at = wordsPerDecimal * this.presence.appendPresent()
    if (at === this.#words.length) this.#words = grown(this.#words, at + wordsPerDecimal)
    const words = this.#words
    words[at] = lowest
    words[at + 1] = second
    words[at + 2] = third
    words[at + 3] = highest
  }
}

/** string, char, varchar as UTF-8, and binary: bytes one after the other. */
export class TextValues extends Entries {
  readonly kind = "text"
  #bytes: Uint8Array = new Uint8Array(64)
  #view = viewOf(this.#bytes)
  /** Where the last value ends. */
  #endBytes = 0
  /** Where each value begins, and after the last one where it ends. */
  #starts = new Uint32Array(16)
  /** Where the last value came from: most of them come from the same memory. */
  #source = this.#bytes
  #sourceView = this.#view

  /** Of all values. Good until something is appended. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#endBytes)
  }

  /** One more than there are values: value i is bytes[starts[i], starts[i + 1]). */
  get starts(): Uint32Array {
    return this.#starts.subarray(0, this.valueCount + 1)
  }

  /** Appends `source[start, end)`. */
  append(source: Uint8Array, start = 0, end = source.length) {
    const at = this.reserve(end - start)
    if (source !== this.#source) {
      this.#source = source
      this.#sourceView = viewOf(source)
    }
    copyBytes(this.#sourceView, start, end, this.#view, at)
    this.appendReserved(end - start)
  }

  appendString(text: string) {
    this.append(Buffer.from(text))
  }

  /** Makes room for so many bytes more. Answers where in `view` they begin. */
  reserve(sizeBytes: number): number {
    const end = this.#endBytes + sizeBytes
    if (end > this.#bytes.length) {
      this.#bytes = grown(this.#bytes, end)
      this.#view = viewOf(this.#bytes)
    }
    return this.#endBytes
  }

  /** All memory there is for bytes. Good until more is reserved. */
  get view(): DataView {
    return this.#view
  }

  /** Appends as many of the reserved bytes, which were written meanwhile. */
  appendReserved(sizeBytes: number) {
    const index = this.presence.appendPresent()
    if (index + 2 > this.#starts.length) this.#starts = grown(this.#starts, index + 2)
    this.#endBytes += sizeBytes
    this.#starts[index + 1] = this.#endBytes
  }

  protected truncateValues(valueCount: number) {
    this.#endBytes = this.#starts[valueCount] ?? 0
  }
}

/** timestamp: UTC. */
export class TimestampValues extends Entries {
  readonly kind = "timestamp"
  #seconds = new Float64Array(16)
  #nanoseconds = new Int32Array(16)

  /** Since 1970-01-01T00:00:00Z, rounded down. */
  get seconds(): Float64Array {
    return this.#seconds.subarray(0, this.valueCount)
  }

  /** After those seconds: 0 to 999,999,999. */
  get nanoseconds(): Int32Array {
    return this.#nanoseconds.subarray(0, this.valueCount)
  }

  append(seconds: number, nanoseconds: number) {
    const index = this.presence.appendPresent()
    if (index === this.#seconds.length) {
      this.#seconds = grown(this.#seconds, index + 1)
      this.#nanoseconds = grown(this.#nanoseconds, index + 1)
    }
    this.#seconds[index] = seconds
    this.#nanoseconds[index] = nanoseconds
  }

  protected truncateValues() {}
}

/** Values of which each is some entries of other columns. */
abstract class Collections extends Entries {
  #lengths = new Int32Array(16)
  #lengthsCount = 0
  /** Entries of all values that were appended. */
  #nestedCount = 0

  /** Entries of each value, in order. */
  get lengths(): Int32Array {
    return this.#lengths.subarray(0, this.valueCount)
  }

  /** Appends a value whose entries, as many, were appended to the nested columns. */
  append(length: number) {
    const index = this.presence.appendPresent()
    if (index === this.#lengths.length) this.#lengths = grown(this.#lengths, index + 1)
    this.#lengths[index] = length
    this.#lengthsCount = index + 1
    this.#nestedCount += length
  }

  protected truncateValues(valueCount: number) {
    while (this.#lengthsCount > valueCount) this.#nestedCount -= this.#lengths[--this.#lengthsCount] ?? 0
    this.truncateNested(this.#nestedCount)
  }

  /** Also takes back entries of a value that was begun and never appended. */
  protected abstract truncateNested(entryCount: number): void
}

/** array. */
export class ListValues extends Collections {
  readonly kind = "list"
  readonly elements: Values

  constructor(elements: Values) {
    super()
    this.elements = elements
  }

  protected truncateNested(entryCount: number) {
    this.elements.truncate(entryCount)
  }
}

/** map: keys are never null. */
export class MapValues extends Collections {
  readonly kind = "map"
  readonly keys: Values
  readonly values: Values

  constructor(keys: Values, values: Values) {
    super()
    this.keys = keys
    this.values = values
  }

  protected truncateNested(entryCount: number) {
    this.keys.truncate(entryCount)
    this.values.truncate(entryCount)
  }
}

/** struct, and the rows of a table themselves, none of which is null. */
export class StructValues extends Entries {
  readonly kind = "struct"
  /** In the order of the type's fields. */
  readonly fields: readonly Values[]

  constructor(fields: readonly Values[]) {
    super()
    this.fields = fields
  }

  /** Appends a struct, to each of whose fields one entry was appended. */
  append() {
    this.presence.appendPresent()
  }

  protected truncateValues(valueCount: number) {
    for (const field of this.fields) field.truncate(valueCount)
  }
}

type Memory = Uint8Array | Int32Array | Uint32Array | Float32Array | Float64Array

function grown<M extends Memory>(memory: M, lengthMin: number): M
function grown(memory: Memory, lengthMin: number): Memory {
  const length = Math.max(lengthMin, 2 * memory.length)
  const larger = emptyLike(memory, length)
  larger.set(memory)
  return larger
}

function emptyLike(memory: Memory, length: number): Memory {
  if (memory instanceof Uint8Array) return new Uint8Array(length)
  if (memory instanceof Int32Array) return new Int32Array(length)
  if (memory instanceof Uint32Array) return new Uint32Array(length)
  if (memory instanceof Float32Array) return new Float32Array(length)
  return new Float64Array(length)
}

function part<M extends Memory>(memory: M, length: number): M
function part(memory: Memory, length: number): Memory {
  return memory.subarray(0, length)
}

/** Readers of columns of which each value is one thing (spec/format-conversion.md, sections 3 and 4). */
import type {
  BooleanValues,
  DecimalValues,
  DoubleValues,
  FloatValues,
  IntegerValues,
  LongValues,
  TextValues,
  TimestampValues,
} from "../columns/index.ts"
import { type JsonInput, openBrace, openBracket, quote } from "./json-input.ts"
import { jsonText } from "./json-text.ts"
import { isNumberStart, takeMismatch } from "./mismatch.ts"
import { type Moment, readDate } from "./moments.ts"
import { decimalOf, doubleOf, integerOf } from "./number-texts.ts"
import { copyPlainText, plainTextEnd, plainTextLimit } from "./plain-text.ts"
import { notInFormat } from "./problems.ts"
import { notPlain, type Rules, type ValueReader } from "./value-reader.ts"

/** tinyint, smallint and int. */
export class IntegerReader implements ValueReader {
  readonly values: IntegerValues
  readonly #rules: Rules
  readonly #min: number
  readonly #max: number

  constructor(values: IntegerValues, rules: Rules, bits: 8 | 16 | 32) {
    this.values = values
    this.#rules = rules
    this.#max = 2 ** (bits - 1) - 1
    this.#min = -this.#max - 1
  }

  readPlain(input: JsonInput, at: number): number {
    const end = input.scanNumber(input.bytes, at, input.end)
    const value = input.isNegative ? -input.digits : input.digits
    if (end < 0 || !input.isInteger || value < this.#min || value > this.#max) return notPlain
    this.values.append(value)
    return end
  }

  read(input: JsonInput, first: number): boolean {
    if (isNumberStart(first)) return input.takeNumber() && this.#append(input)
    if (first === quote && this.#rules.isLenient) return input.takeText() && this.readName(input)
    return takeMismatch(input, first, this.#rules, "number")
  }

  readName(input: JsonInput): boolean {
    if (isScanned(input)) return this.#append(input)
    const value = integerOf(input.textAsString())
    if (value === undefined || value < this.#min || value > this.#max) return isNone(input)
    this.values.append(Number(value))
    return true
  }

  #append(input: JsonInput): boolean {
    const value = input.isNegative ? -input.digits : input.digits
    if (!input.isInteger || value < this.#min || value > this.#max) return isNone(input)
    this.values.append(value)
    return true
  }
}

/** bigint. */
export class LongReader implements ValueReader {
  readonly values: LongValues
  readonly #rules: Rules

  constructor(values: LongValues, rules: Rules) {
    this.values = values
    this.#rules = rules
  }

  readPlain(input: JsonInput, at: number): number {
    const end = input.scanNumber(input.bytes, at, input.end)
    if (end < 0 || !input.isInteger || input.digits > Number.MAX_SAFE_INTEGER) return notPlain
    this.values.append(input.isNegative ? -input.digits : input.digits)
    return end
  }

  read(input: JsonInput, first: number): boolean {
    if (isNumberStart(first)) return input.takeNumber() && this.#append(input)
    if (first === quote && this.#rules.isLenient) return input.takeText() && this.readName(input)
    return takeMismatch(input, first, this.#rules, "number")
  }

  readName(input: JsonInput): boolean {
    return isScanned(input) ? this.#append(input) : this.#appendText(input)
  }

  #append(input: JsonInput): boolean {
    if (!input.isInteger || input.digits > Number.MAX_SAFE_INTEGER) return this.#appendText(input)
    this.values.append(input.isNegative ? -input.digits : input.digits)
    return true
  }

  #appendText(input: JsonInput): boolean {
    const value = integerOf(input.textAsString())
    if (value === undefined || BigInt.asIntN(64, value) !== value) return isNone(input)
    this.values.appendBigInt(value)
    return true
  }
}

/** double. A finite number that only infinity could stand for is refused. */
export class DoubleReader implements ValueReader {
  readonly values: DoubleValues
  readonly #rules: Rules

  constructor(values: DoubleValues, rules: Rules) {
    this.values = values
    this.#rules = rules
  }

  readPlain(input: JsonInput, at: number): number {
    const end = input.scanNumber(input.bytes, at, input.end)
    if (end < 0 || !input.isShort()) return notPlain
    this.values.append(input.asShortDouble())
    return end
  }

  read(input: JsonInput, first: number): boolean {
    if (isNumberStart(first)) return input.takeNumber() && this.#append(input)
    if (first === quote && this.#rules.isLenient) return input.takeText() && this.readName(input)
    return takeMismatch(input, first, this.#rules, "number")
  }

  readName(input: JsonInput): boolean {
    if (isScanned(input)) return this.#append(input)
    const value = doubleOf(input.textAsString())
    if (value === undefined) return isNone(input)
    this.values.append(value)
    return true
  }

  #append(input: JsonInput): boolean {
    const value = input.asDouble()
    if (!Number.isFinite(value)) return isNone(input)
    this.values.append(value)
    return true
  }
}

/** float: the double that is nearest to the number, rounded once more, as Java does for JSON. */
export class FloatReader implements ValueReader {
  readonly values: FloatValues
  readonly #rules: Rules

  constructor(values: FloatValues, rules: Rules) {
    this.values = values
    this.#rules = rules
  }

  read(input: JsonInput, first: number): boolean {
    if (isNumberStart(first)) return input.takeNumber() && this.#append(input, input.asDouble())
    if (first === quote && this.#rules.isLenient) return input.takeText() && this.readName(input)
    return takeMismatch(input, first, this.#rules, "number")
  }

  readName(input: JsonInput): boolean {
    if (isScanned(input)) return this.#append(input, input.asDouble())
    const value = doubleOf(input.textAsString())
    if (value === undefined) return isNone(input)
    if (!Number.isFinite(value)) {
      this.values.append(value)
      return true
    }
    return this.#append(input, value)
  }

  #append(input: JsonInput, value: number): boolean {
    const rounded = Math.fround(value)
    if (!Number.isFinite(rounded)) return isNone(input)
    this.values.append(rounded)
    return true
  }
}

/**
 * decimal, rounded half up to its scale; more digits than its precision has are refused. Both deserializers take a string, too: a
 * double would not hold what is written in it.
 */
export class DecimalReader implements ValueReader {
  readonly values: DecimalValues
  readonly #rules: Rules
  readonly #precision: number
  readonly #scale: number
  /** The first number of more digits than the precision has, if a double holds it exactly. */
  readonly #limit: number

  constructor(values: DecimalValues, rules: Rules, precision: number, scale: number) {
    this.values = values
    this.#rules = rules
    this.#precision = precision
    this.#scale = scale
    this.#limit = precision <= 15 ? 10 ** precision : Number.MAX_SAFE_INTEGER
  }

  readPlain(input: JsonInput, at: number): number {
    const end = input.scanNumber(input.bytes, at, input.end)
    const size = end < 0 ? undefined : input.shortTimesTenTo(this.#scale)
    if (size === undefined || size >= this.#limit) return notPlain
    this.values.append(input.isNegative ? -size : size)
    return end
  }

  read(input: JsonInput, first: number): boolean {
    if (isNumberStart(first)) return input.takeNumber() && this.readName(input)
    if (first === quote) return input.takeText() && this.readName(input)
    return takeMismatch(input, first, this.#rules, "number")
  }

  readName(input: JsonInput): boolean {
    const value = decimalOf(input.textAsString(), this.#precision, this.#scale)
    if (value === undefined) return isNone(input)
    this.values.appendBigInt(value)
    return true
  }
}

/** boolean: also as a string, in any case. */
export class BooleanReader implements ValueReader {
  readonly values: BooleanValues
  readonly #rules: Rules

  constructor(values: BooleanValues, rules: Rules) {
    this.values = values
    this.#rules = rules
  }

  readPlain({ view, end }: JsonInput, at: number): number {
    if (at + 5 > end) return notPlain
    const word = view.getInt32(at, true)
    if (word === wordTrue) {
      this.values.append(1)
      return at + 4
    }
    if (word !== wordFals || view.getUint8(at + 4) !== 0x65) return notPlain
    this.values.append(0)
    return at + 5
  }

  read(input: JsonInput, first: number): boolean {
    if (first === letterT || first === letterF) {
      if (!input.takeLiteral()) return false
      this.values.append(first === letterT ? 1 : 0)
      return true
    }
    if (first === quote) return input.takeText() && this.readName(input)
    return takeMismatch(input, first, this.#rules, "boolean")
  }

  readName(input: JsonInput): boolean {
    const text = input.textAsString().toLowerCase()
    if (text !== "true" && text !== "false") return isNone(input)
    this.values.append(text === "true" ? 1 : 0)
    return true
  }
}

/** string, char and varchar, of which the latter are cut to `lengthMax` code points. Numbers and booleans are as they are written. */
export class TextReader implements ValueReader {
  readonly values: TextValues
  readonly #rules: Rules
  readonly #lengthMax: number

  constructor(values: TextValues, rules: Rules, lengthMax = Number.POSITIVE_INFINITY) {
    this.values = values
    this.#rules = rules
    this.#lengthMax = lengthMax
  }

  readPlain({ bytes, view, end }: JsonInput, at: number): number {
    if (bytes[at] !== quote || this.#lengthMax !== Number.POSITIVE_INFINITY) return notPlain
    const { values } = this
    const start = at + 1
    const limit = plainTextLimit(start, end, bytes.length)
    const to = values.reserve(Math.max(0, limit - start))
    const textEnd = copyPlainText(view, start, limit, values.view, to)
    if (textEnd < 0 || textEnd >= end || bytes[textEnd] !== quote) return notPlain
    values.appendReserved(textEnd - start)
    return textEnd + 1
  }

  read(input: JsonInput, first: number): boolean {
    if (first === quote) return input.takeText() && this.readName(input)
    if (first === openBrace || first === openBracket) {
      return this.#rules.isLenient
        ? takeAsJson(input, this.#rules) && this.readName(input)
        : takeMismatch(input, first, this.#rules, "text")
    }
    return (isNumberStart(first) ? input.takeNumber() : input.takeLiteral()) && this.readName(input)
  }

  readName(input: JsonInput): boolean {
    const { text, textStart, textEnd } = input
    this.values.append(text, textStart, cutTo(this.#lengthMax, text, textStart, textEnd))
    return true
  }
}

/** binary: base64, as both Hive's and Trino's readers of JSON take it. */
export class BinaryReader implements ValueReader {
  readonly values: TextValues
  readonly #rules: Rules

  constructor(values: TextValues, rules: Rules) {
    this.values = values
    this.#rules = rules
  }

  read(input: JsonInput, first: number): boolean {
    if (first === quote) return input.takeText() && this.readName(input)
    return takeMismatch(input, first, this.#rules, "text")
  }

  readName(input: JsonInput): boolean {
    const text = input.textAsString()
    if (!isBase64(text)) return isNone(input)
    this.values.append(Buffer.from(text, "base64"))
    return true
  }
}

/** date. */
export class DateReader implements ValueReader {
  readonly values: IntegerValues
  readonly #rules: Rules

  constructor(values: IntegerValues, rules: Rules) {
    this.values = values
    this.#rules = rules
  }

  read(input: JsonInput, first: number): boolean {
    if (first === quote) return input.takeText() && this.readName(input)
    return takeMismatch(input, first, this.#rules, "text")
  }

  readName(input: JsonInput): boolean {
    const days = readDate(input.text, input.textStart, input.textEnd)
    if (days === undefined) return isNone(input)
    this.values.append(days)
    return true
  }
}

/** timestamp: a number is read as what is written. */
export class TimestampReader implements ValueReader {
  readonly values: TimestampValues
  readonly #rules: Rules
  readonly #moment: Moment = { seconds: 0, nanoseconds: 0 }

  constructor(values: TimestampValues, rules: Rules) {
    this.values = values
    this.#rules = rules
  }

  readPlain({ bytes, view, end }: JsonInput, at: number): number {
    if (bytes[at] !== quote) return notPlain
    const textEnd = plainTextEnd(view, at + 1, plainTextLimit(at + 1, end, bytes.length))
    if (textEnd < 0 || textEnd >= end || bytes[textEnd] !== quote) return notPlain
    const moment = this.#moment
    if (!this.#rules.readMoment(bytes, at + 1, textEnd, moment)) return notPlain
    this.values.append(moment.seconds, moment.nanoseconds)
    return textEnd + 1
  }

  read(input: JsonInput, first: number): boolean {
    if (first === quote) return input.takeText() && this.readName(input)
    if (isNumberStart(first)) return input.takeNumber() && this.readName(input)
    return takeMismatch(input, first, this.#rules, "text")
  }

  readName(input: JsonInput): boolean {
    const moment = this.#moment
    if (!this.#rules.readMoment(input.text, input.textStart, input.textEnd, moment)) return isNone(input)
    this.values.append(moment.seconds, moment.nanoseconds)
    return true
  }
}

const letterF = 0x66
const letterT = 0x74
/** Four letters as a number of 32 bits. */
const wordTrue = 0x65757274
const wordFals = 0x736c6166

/** Whether the text that was taken last is a JSON number. If so, `input` says what it is. */
function isScanned(input: JsonInput): boolean {
  return input.scanNumber(input.text, input.textStart, input.textEnd) === input.textEnd
}

/** Fails, since what was taken last is no value of the type. */
function isNone(input: JsonInput): false {
  return input.mismatch(notInFormat(input.textAsString()))
}

/** Takes an object or array, and has its JSON for the text that was taken last. */
function takeAsJson(input: JsonInput, rules: Rules): boolean {
  const from = input.at
  if (!input.skipValue()) return false
  input.replaceText(jsonText(input.bytes, from, input.at, rules.lowerCasesNames))
  return true
}

/** Where the first `lengthMax` code points of `text[start, end)` end. */
function cutTo(lengthMax: number, text: Uint8Array, start: number, end: number): number {
  if (end - start <= lengthMax) return end
  let length = 0
  for (let at = start; at < end; at++) {
    // All bytes of a code point but the first are 10xxxxxx.
    if (((text[at] ?? 0) & 0xc0) !== 0x80 && ++length > lengthMax) return at
  }
  return end
}

function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) && (text.includes("=") ? text.length % 4 === 0 : text.length % 4 !== 1)
}

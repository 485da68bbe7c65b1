import { isUtf8 } from "node:buffer"
import { viewOf } from "../columns/index.ts"
import { backslash, isEscapeLetter, isHexDigit, letterU, writeUnescaped } from "./json-escapes.ts"
import {
  absentMax,
  illegalCharacter,
  keyCharactersMax,
  keyTooLong,
  malformedJson,
  nestedTooDeeply,
  nestingMax,
  notUnicode,
  notUtf8,
  tooManyAbsent,
} from "./problems.ts"
import type { ConversionProblem } from "./row-reader.ts"

export const quote = 0x22
export const comma = 0x2c
export const minus = 0x2d
export const colon = 0x3a
export const openBracket = 0x5b
export const closeBracket = 0x5d
export const openBrace = 0x7b
export const closeBrace = 0x7d
export const letterN = 0x6e
const letterT = 0x74
const space = 0x20
const letterF = 0x66
const zero = 0x30
const nine = 0x39

/** What `next` answers behind the last byte. */
export const endOfInput = -1

/** Powers of ten that a double holds exactly. */
const powersOfTen = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/** Bytes that stand for themselves in a JSON string: 1. */
const plainAscii = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== quote && byte !== backslash ? 1 : 0,
)
const plainUtf8 = plainAscii.map((isPlain, byte) => (byte >= 0x80 ? 1 : isPlain))

/** A member's name in its quotes, and the colon: four bytes to a number, of which the last one holds the last four. */
export interface Spelling {
  readonly words: Int32Array
  readonly sizeBytes: number
}

/**
 * A record's bytes, and how far they have been read as JSON (RFC 8259, as strict as JSON.parse). Nothing is made of a value but
 * what is asked for. Methods that answer a boolean answer false when the record can't be taken; `problem` says why then.
 *
 * Of the text or number that was taken last, what is known is in the fields, so that nothing need be allocated for it.
 */
export class JsonInput {
  /** Of one class, whatever class they were given in: code that meets several is half as fast. */
  bytes: Uint8Array = new Uint8Array(0)
  view = viewOf(this.bytes)
  at = 0
  /** Where the record ends. */
  end = 0
  problem: ConversionProblem | undefined
  /** Whether it is known that the record is a JSON text, and the problem is what its values are. */
  isMismatch = false

  /** What was taken last is `text[textStart, textEnd)`: of a string what it says, in UTF-8, of anything else its own bytes. */
  text: Uint8Array = this.bytes
  textStart = 0
  textEnd = 0

  /** The number that was scanned last, without its sign, is `digits * 10 ** exponent`, when `digits` is a safe integer. */
  digits = 0
  exponent = 0
  isNegative = false
  /** Whether it has neither point nor exponent. */
  isInteger = false

  #source: Uint8Array = this.bytes
  #start = 0
  #depth = 0
  #absentCount = 0
  #plain = plainAscii
  #hasEscapes = false
  #unescaped = new Uint8Array(64)

  /** Begins with the record `bytes[start, end)`. */
  open(bytes: Uint8Array, start: number, end: number) {
    if (bytes !== this.#source) {
      this.#source = bytes
      this.bytes = plainBytes(bytes)
      this.view = viewOf(bytes)
    }
    this.at = start
    this.#start = start
    this.end = end
    this.#depth = 0
    this.#absentCount = 0
    this.#plain = plainAscii
    this.problem = undefined
    this.isMismatch = false
  }

  /** The byte at which the next token begins, which is not taken, or `endOfInput`. */
  next(): number {
    if (this.at < this.end) {
      const byte = this.bytes[this.at] ?? 0
      if (byte > space) return byte
    }
    return this.#nextBehindSpace()
  }

  /** Takes a byte that must come next. */
  take(expected: number): boolean {
    if ((this.at >= this.end || this.bytes[this.at] !== expected) && this.next() !== expected) return this.unexpected()
    this.at++
    return true
  }

  /** Counts values that are not there. */
  countAbsent(count: number): boolean {
    this.#absentCount += count
    return this.#absentCount <= absentMax || this.mismatch(tooManyAbsent)
  }

  /** Goes into an object or array, by taking the byte that begins it. */
  enter(): boolean {
    this.at++
    this.#depth++
    return this.#depth <= nestingMax || this.fail(nestedTooDeeply)
  }

  /** Takes the end of an object or array. */
  leave() {
    this.at++
    this.#depth--
  }

  /** Takes a member's name, whose opening quote is next, and the colon behind it. `text` is the name. */
  takeName(): boolean {
    if (this.next() !== quote) return this.unexpected()
    if (!this.takeText()) return false
    if (this.textEnd - this.textStart > keyCharactersMax && this.textAsString().length > keyCharactersMax) {
      return this.fail(keyTooLong)
    }
    return this.take(colon)
  }

  /** Whether a member's name and colon are written like this there. */
  isSpelled(at: number, { words, sizeBytes }: Spelling): boolean {
    if (at + sizeBytes > this.end) return false
    const { view } = this
    const last = words.length - 1
    for (let index = 0; index < last; index++) {
      if (view.getInt32(at + 4 * index, true) !== words[index]) return false
    }
    return view.getInt32(at + sizeBytes - 4, true) === words[last]
  }

  /** How the name that was taken last is written when its colon comes at once, or undefined if it has escapes. */
  spelling(): Spelling | undefined {
    if (this.#hasEscapes) return undefined
    const sizeBytes = this.textEnd - this.textStart + 3
    const written = Buffer.from(`"${this.textAsString()}":`)
    const words = new Int32Array(Math.ceil(sizeBytes / 4))
    if (sizeBytes < 4) return undefined
    for (let index = 0; index < words.length; index++) {
      words[index] = written.readInt32LE(Math.min(4 * index, sizeBytes - 4))
    }
    return { words, sizeBytes }
  }

  /** Takes a string, whose opening quote is next. `text` is what it says. */
  takeText(): boolean {
    const from = this.at + 1
    if (!this.#skipString()) return false
    this.text = this.bytes
    this.textStart = from
    this.textEnd = this.at - 1
    return !this.#hasEscapes || this.#unescape()
  }

  /** Of what was taken last. */
  textAsString(): string {
    return decoded(this.text, this.textStart, this.textEnd)
  }

  /** Puts the text that was taken last in lower case. */
  lowerCaseText() {
    const { text, textEnd } = this
    for (let at = this.textStart; at < textEnd; at++) {
      const byte = text[at] ?? 0
      if (byte >= 0x80 || (byte >= 0x41 && byte <= 0x5a)) {
        this.replaceText(Buffer.from(this.textAsString().toLowerCase()))
        return
      }
    }
  }

  /** Has something else for the text that was taken last. */
  replaceText(text: Uint8Array) {
    this.text = plainBytes(text)
    this.textStart = 0
    this.textEnd = text.length
  }

  /** Takes `null`, `true` or `false`, whose first letter is next. */
  takeLiteral(): boolean {
    const { bytes, at } = this
    const literal = literals[bytes[at] ?? 0]
    if (literal === undefined) return this.unexpected()
    for (let index = 1; index < literal.length; index++) {
      if (at + index < this.end && bytes[at + index] === literal[index]) continue
      this.at = at + index
      return this.unexpected()
    }
    this.#tookUpTo(at + literal.length)
    return true
  }

  /** Takes a number, which is next. */
  takeNumber(): boolean {
    const end = this.scanNumber(this.bytes, this.at, this.end)
    if (end < 0) {
      this.at = -end - 1
      return this.unexpected()
    }
    this.#tookUpTo(end)
    return true
  }

  /**
   * Reads the JSON number with which `bytes[at, end)` begins. Answers where it ends, or `-where - 1` of what makes it none.
   */
  scanNumber(bytes: Uint8Array, at: number, end: number): number {
    let byte = at < end ? (bytes[at] ?? 0) : endOfInput
    this.isNegative = byte === minus
    if (this.isNegative) byte = ++at < end ? (bytes[at] ?? 0) : endOfInput
    if (byte < zero || byte > nine) return -at - 1
    // A digit is made one before it is added, so that no sum is larger than the number, and inexact for that.
    let digits = byte - zero
    at++
    if (digits === 0) byte = at < end ? (bytes[at] ?? 0) : endOfInput
    else {
      for (;;) {
        byte = at < end ? (bytes[at] ?? 0) : endOfInput
        if (byte < zero || byte > nine) break
        digits = digits * 10 + (byte - zero)
        at++
      }
    }
    this.exponent = 0
    this.isInteger = byte !== 0x2e && (byte | 0x20) !== 0x65
    if (byte === 0x2e) {
      const from = ++at
      for (;;) {
        byte = at < end ? (bytes[at] ?? 0) : endOfInput
        if (byte < zero || byte > nine) break
        digits = digits * 10 + (byte - zero)
        at++
      }
      if (at === from) return -at - 1
      this.exponent = from - at
    }
    this.digits = digits
    return (byte | 0x20) === 0x65 ? this.#scanExponent(bytes, at + 1, end) : at
  }

  /** Of the number that was taken last, or scanned last in `text`: the double that is nearest to it. */
  asDouble(): number {
    return this.isShort() ? this.asShortDouble() : Number(this.textAsString())
  }

  /** Whether doubles hold its digits exactly, and the power of ten that they are multiplied by. */
  isShort(): boolean {
    return this.digits <= Number.MAX_SAFE_INTEGER && this.exponent >= -22 && this.exponent <= 22
  }

  /** The nearest double if `isShort`: both being exact, one operation rounds once. */
  asShortDouble(): number {
    const { digits, exponent } = this
    const size = exponent < 0 ? digits / (powersOfTen[-exponent] ?? 1) : digits * (powersOfTen[exponent] ?? 1)
    return this.isNegative ? -size : size
  }

  /**
   * Of the number that was scanned last, without its sign: itself times 10 to the power of `power`, rounded half up to an integer.
   * Undefined when that can't be told exactly with doubles.
   */
  shortTimesTenTo(power: number): number | undefined {
    const { digits } = this
    const factor = powersOfTen[Math.abs(this.exponent + power)]
    if (factor === undefined || digits > Number.MAX_SAFE_INTEGER) return undefined
    if (this.exponent + power >= 0) {
      const product = digits * factor
      return product <= Number.MAX_SAFE_INTEGER ? product : undefined
    }
    if (factor > Number.MAX_SAFE_INTEGER) return undefined
    const rest = digits % factor
    return (digits - rest) / factor + (2 * rest >= factor ? 1 : 0)
  }

  /** Takes a value of any kind. */
  skipValue(): boolean {
    switch (this.next()) {
      case openBrace:
        return this.#skipObject()
      case openBracket:
        return this.#skipArray()
      case quote:
        return this.#skipString()
      case letterN:
      case letterT:
      case letterF:
        return this.takeLiteral()
      default:
        return this.takeNumber()
    }
  }

  /** Whether all of the record is JSON values. */
  isAllJson(): boolean {
    this.open(this.#source, this.#start, this.end)
    while (this.next() !== endOfInput) if (!this.skipValue()) return false
    return true
  }

  fail(problem: ConversionProblem): false {
    this.problem = problem
    return false
  }

  /** Fails for what a value is, in a record that may be JSON. */
  mismatch(problem: ConversionProblem): false {
    this.isMismatch = true
    return this.fail(problem)
  }

  /** Fails because what is next is no JSON there. */
  unexpected(): false {
    const offset = this.at - this.#start
    if (this.at >= this.end) return this.fail(malformedJson(`Unexpected end of the record at byte ${offset}`))
    const byte = this.bytes[this.at] ?? 0
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) return this.fail(illegalCharacter(byte))
    const found =
      byte > 0x20 && byte < 0x7f ? `character '${String.fromCharCode(byte)}'` : `byte 0x${byte.toString(16)}`
    return this.fail(malformedJson(`Unexpected ${found} at byte ${offset}`))
  }

  #nextBehindSpace(): number {
    const { bytes } = this
    for (; this.at < this.end; this.at++) {
      const byte = bytes[this.at] ?? 0
      if (byte !== space && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte
    }
    return endOfInput
  }

  #tookUpTo(end: number) {
    this.text = this.bytes
    this.textStart = this.at
    this.textEnd = end
    this.at = end
  }

  #scanExponent(bytes: Uint8Array, at: number, end: number): number {
    let byte = at < end ? (bytes[at] ?? 0) : endOfInput
    const isNegative = byte === minus
    if (isNegative || byte === 0x2b) at++
    const from = at
    let size = 0
    for (;;) {
      byte = at < end ? (bytes[at] ?? 0) : endOfInput
      if (byte < zero || byte > nine) break
      size = size * 10 + byte - zero
      at++
    }
    if (at === from) return -at - 1
    this.exponent += isNegative ? -size : size
    return at
  }

  #skipObject(): boolean {
    if (!this.enter()) return false
    if (this.next() !== closeBrace) {
      while (this.#skipName() && this.skipValue()) {
        if (this.next() === closeBrace) return this.#left()
        if (!this.take(comma)) return false
      }
      return false
    }
    return this.#left()
  }

  #skipName(): boolean {
    if (this.next() !== quote) return this.unexpected()
    const from = this.at + 1
    if (!this.#skipString()) return false
    // A name that may be too long is taken again, to count its characters.
    if (this.at - from > keyCharactersMax) {
      this.at = from - 1
      return this.takeName()
    }
    return this.take(colon)
  }

  #skipArray(): boolean {
    if (!this.enter()) return false
    if (this.next() !== closeBracket) {
      while (this.skipValue()) {
        if (this.next() === closeBracket) return this.#left()
        if (!this.take(comma)) return false
      }
      return false
    }
    return this.#left()
  }

  #left(): true {
    this.leave()
    return true
  }

  /** Takes a string, and sees whether it has escapes. */
  #skipString(): boolean {
    const { bytes } = this
    const end = this.end
    let plain = this.#plain
    let at = this.at + 1
    this.#hasEscapes = false
    for (;;) {
      while (at < end && plain[bytes[at] ?? 0] === 1) at++
      this.at = at
      if (at >= end) return this.unexpected()
      const byte = bytes[at] ?? 0
      if (byte === quote) {
        this.at = at + 1
        return true
      }
      if (byte === backslash) {
        if (!this.#skipEscape()) return false
        at = this.at
      } else if (byte < 0x20) {
        return this.fail(
          malformedJson(`Unescaped control character 0x${byte.toString(16)} in a string at byte ${at - this.#start}`),
        )
      } else {
        // The first byte of the record that is not ASCII.
        if (!isUtf8(bytes.subarray(this.#start, end))) return this.fail(notUtf8)
        plain = this.#plain = plainUtf8
      }
    }
  }

  /** Takes an escape, whose backslash is next. */
  #skipEscape(): boolean {
    const { bytes } = this
    this.#hasEscapes = true
    const letter = ++this.at < this.end ? (bytes[this.at] ?? 0) : 0
    if (!isEscapeLetter(letter)) return this.unexpected()
    this.at++
    if (letter !== letterU) return true
    for (const last = this.at + 4; this.at < last; this.at++) {
      if (this.at >= this.end || !isHexDigit(bytes[this.at] ?? 0)) return this.unexpected()
    }
    return true
  }

  /** Puts what the escapes of `text` stand for in their places. They are known to be well formed. */
  #unescape(): boolean {
    const { text, textStart, textEnd } = this
    if (textEnd - textStart > this.#unescaped.length) this.#unescaped = new Uint8Array(2 * (textEnd - textStart))
    const end = writeUnescaped(text, textStart, textEnd, this.#unescaped)
    if (end === undefined) return this.mismatch(notUnicode(this.textAsString()))
    this.text = this.#unescaped
    this.textStart = 0
    this.textEnd = end
    return true
  }
}

const literals: (Uint8Array | undefined)[] = []
for (const literal of ["null", "true", "false"]) literals[literal.charCodeAt(0)] = Buffer.from(literal)

/** The same bytes, of no subclass. */
export function plainBytes({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** `bytes[start, end)` as UTF-8. */
export function decoded(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()
}

/**
 * Dates and times of the proleptic Gregorian calendar in UTC, from texts (spec/format-conversion.md, section 3). What does not exist,
 * such as the 30th of February, is none.
 */
import { decoded } from "./json-input.ts"

/** A moment, as a column holds it: seconds since 1970-01-01T00:00:00Z, rounded down, and nanoseconds after them. */
export interface Moment {
  seconds: number
  nanoseconds: number
}

const secondsPerDay = 86_400
const letterT = 0x54
const letterZ = 0x5a
const space = 0x20
const hyphen = 0x2d
const colon = 0x3a
const point = 0x2e

/** Days since 1970-01-01 of a date, or undefined if there is no such date. Months and days count from 1. */
export function daysOf(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  // Years begin in March here, so that a leap day is a year's last; 400 years have 146,097 days. `| 0` keeps to integers, which
  // are divided in a third of the time.
  const shiftedYear = month > 2 ? year : year - 1
  const era = Math.floor(shiftedYear / 400) | 0
  const yearOfEra = (shiftedYear - era * 400) | 0
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1
  const dayOfEra = yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Reads `yyyy-[M]M-[d]d`. Answers days since 1970-01-01, or undefined if it is no date. */
export function readDate(text: Uint8Array, start: number, end: number): number | undefined {
  const digits = new Digits(text, start, end)
  const days = takeDate(digits)
  return digits.at === end ? days : undefined
}

/**
 * Reads `yyyy-[M]M-[d]d [H]H:[m]m:[s]s[.fraction]`, as java.sql.Timestamp does, the fraction of one to nine digits. Answers whether
 * it is that.
 */
export function readPlainMoment(text: Uint8Array, start: number, end: number, moment: Moment): boolean {
  const at = takeFixed(text, start, end, space, moment)
  if (at !== -1) return at === end || takeFraction(text, at, end, moment)
  const digits = new Digits(text, start, end)
  return takeShortened(digits, moment) && (digits.at === end || takeFraction(text, digits.at, end, moment))
}

/** Reads `yyyy-MM-ddTHH:mm:ss[.fraction][Z]`, or what `readPlainMoment` does. Answers whether it is one of them. */
export function readIsoOrPlainMoment(text: Uint8Array, start: number, end: number, moment: Moment): boolean {
  if (text[start + 10] !== letterT || end <= start + 10) return readPlainMoment(text, start, end, moment)
  const fractionEnd = text[end - 1] === letterZ ? end - 1 : end
  const at = takeFixed(text, start, fractionEnd, letterT, moment)
  return at === fractionEnd || (at !== -1 && takeFraction(text, at, fractionEnd, moment))
}

const epochPattern = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/

/** Digits before or behind the point that no epoch time has. */
const epochDigitsMax = 60

/**
 * Reads a count since 1970: of seconds when it is below 1e12 in size, of milliseconds from there on. Answers whether it is a number
 * whose moment nanoseconds hold exactly.
 */
export function readEpoch(text: Uint8Array, start: number, end: number, moment: Moment): boolean {
  const count = plainInteger(text, start, end)
  if (count !== undefined && Math.abs(count) <= 9_223_372_036) {
    moment.seconds = count
    moment.nanoseconds = 0
    return true
  }
  if (count !== undefined && Math.abs(count) >= 1e12 && Math.abs(count) <= 9_223_372_036_854) {
    moment.seconds = Math.floor(count / 1000)
    moment.nanoseconds = (count - moment.seconds * 1000) * 1_000_000
    return true
  }
  return readLongEpoch(decoded(text, start, end), moment)
}

/** Reads milliseconds since 1970, with or without a fraction. Undefined if it is none, or more than nanoseconds hold exactly. */
export function readMilliseconds(text: string): Moment | undefined {
  const [, whole, fraction = ""] = /^(-?\d{1,16})(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === undefined || !Number.isSafeInteger(Number(whole)) || /[1-9]/.test(fraction.slice(6))) return undefined
  const size = Number(fraction.slice(0, 6).padEnd(6, "0"))
  const nanoseconds = BigInt(whole) * 1_000_000n + BigInt(whole.startsWith("-") ? -size : size)
  const rest = modulo(nanoseconds, 1_000_000_000n)
  return { seconds: Number((nanoseconds - rest) / 1_000_000_000n), nanoseconds: Number(rest) }
}

function modulo(value: bigint, divisor: bigint): bigint {
  return ((value % divisor) + divisor) % divisor
}

/** Any count, also with a fraction or exponent. */
function readLongEpoch(text: string, moment: Moment): boolean {
  const [, sign, whole = "", fraction = "", power = "0"] = epochPattern.exec(text) ?? []
  if (sign === undefined) return false
  if (/^0*$/.test(whole + fraction)) return setNanoseconds(0n, moment)
  const exponent = Number(power) - fraction.length
  if (whole.length + fraction.length > epochDigitsMax || Math.abs(exponent) > epochDigitsMax) return false
  // In units of 1e-60, so that all of it is an integer.
  const size = BigInt(whole + fraction) * 10n ** BigInt(exponent + epochDigitsMax)
  const unit = 10n ** BigInt(epochDigitsMax)
  const milliseconds = size < 10n ** 12n * unit ? size * 1000n : size
  const nanoseconds = milliseconds * 1_000_000n
  if (nanoseconds % unit !== 0n || milliseconds / unit >= 2n ** 63n) return false
  return setNanoseconds(sign === "-" ? -nanoseconds / unit : nanoseconds / unit, moment)
}

/** Counts that 64 bits don't hold wrap around, as was measured of the service. */
function setNanoseconds(count: bigint, moment: Moment): true {
  const wrapped = BigInt.asIntN(64, count)
  const nanoseconds = modulo(wrapped, 1_000_000_000n)
  moment.seconds = Number((wrapped - nanoseconds) / 1_000_000_000n)
  moment.nanoseconds = Number(nanoseconds)
  return true
}

/** An integer of at most 15 digits, or undefined. */
function plainInteger(text: Uint8Array, start: number, end: number): number | undefined {
  const isNegative = text[start] === hyphen
  const digits = new Digits(text, isNegative ? start + 1 : start, end)
  const size = digits.number(1, 15)
  if (size < 0 || digits.at !== end) return undefined
  return isNegative ? -size : size
}

/** Takes `yyyy-MM-ddTHH:mm:ss`, all digits there, whatever is `between` date and time. Answers where it ends, or -1. */
function takeFixed(text: Uint8Array, start: number, end: number, between: number, moment: Moment): number {
  if (end - start < 19 || text[start + 4] !== hyphen || text[start + 7] !== hyphen) return -1
  if (text[start + 10] !== between || text[start + 13] !== colon || text[start + 16] !== colon) return -1
  const year = twoDigits(text, start) * 100 + twoDigits(text, start + 2)
  const days = daysOf(year, twoDigits(text, start + 5), twoDigits(text, start + 8))
  if (year < 0 || days === undefined) return -1
  return setMoment(moment, days, twoDigits(text, start + 11), twoDigits(text, start + 14), twoDigits(text, start + 17))
    ? start + 19
    : -1
}

/** Takes `yyyy-[M]M-[d]d [H]H:[m]m:[s]s`. */
function takeShortened(digits: Digits, moment: Moment): boolean {
  const days = takeDate(digits)
  if (days === undefined || !digits.take(space)) return false
  const hours = digits.number(1, 2)
  if (!digits.take(colon)) return false
  const minutes = digits.number(1, 2)
  if (!digits.take(colon)) return false
  return setMoment(moment, days, hours, minutes, digits.number(1, 2))
}

function takeDate(digits: Digits): number | undefined {
  const year = digits.number(4, 4)
  if (year < 0 || !digits.take(hyphen)) return undefined
  const month = digits.number(1, 2)
  if (!digits.take(hyphen)) return undefined
  return daysOf(year, month, digits.number(1, 2))
}

/** Takes a point and one to nine digits, up to the end. */
function takeFraction(text: Uint8Array, at: number, end: number, moment: Moment): boolean {
  if (text[at] !== point || end - at < 2 || end - at > 10) return false
  let nanoseconds = 0
  for (let index = 1; index <= 9; index++) {
    const digit = at + index < end ? (text[at + index] ?? 0) - 0x30 : 0
    if (digit < 0 || digit > 9) return false
    nanoseconds = nanoseconds * 10 + digit
  }
  moment.nanoseconds = nanoseconds
  return true
}

/** Answers whether there is such a time of day. A negative number is none. */
function setMoment(moment: Moment, days: number, hours: number, minutes: number, seconds: number): boolean {
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds > 59) return false
  moment.seconds = days * secondsPerDay + hours * 3600 + minutes * 60 + seconds
  moment.nanoseconds = 0
  return true
}

/** The number that two digits make, or a negative one, also with two more digits behind it. */
function twoDigits(text: Uint8Array, at: number): number {
  const tens = (text[at] ?? 0) - 0x30
  const ones = (text[at + 1] ?? 0) - 0x30
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -10_000
}

/** Takes digits from `text[at, end)`. */
class Digits {
  readonly #text: Uint8Array
  readonly #end: number
  at: number

  constructor(text: Uint8Array, at: number, end: number) {
    this.#text = text
    this.at = at
    this.#end = end
  }

  /** Takes up to so many digits. Answers their number, or -1 if there are fewer. */
  number(digitsMin: number, digitsMax: number): number {
    const limit = Math.min(this.#end, this.at + digitsMax)
    const from = this.at
    let number = 0
    let at = from
    for (; at < limit; at++) {
      const digit = (this.#text[at] ?? 0) - 0x30
      if (digit < 0 || digit > 9) break
      number = number * 10 + digit
    }
    this.at = at
    return at - from < digitsMin ? -1 : number
  }

  take(byte: number): boolean {
    if (this.at >= this.#end || this.#text[this.at] !== byte) return false
    this.at++
    return true
  }
}

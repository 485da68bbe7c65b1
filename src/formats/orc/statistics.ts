/**
 * What readers are told about the values of a column, of a row group, a stripe and the file, so that they can leave out what can't
 * hold what they look for. It is all text, since a stripe's travel to the footer by way of JSON, which does not hold every number.
 */
import { Buffer } from "node:buffer"
import type { DecimalValues, HiveType, TextValues, Values } from "../columns/index.ts"
import { timestampMilliseconds } from "./timestamps.ts"

export interface ColumnStatistics {
  readonly valueCount: number
  readonly hasNull: boolean
  /**
   * Integers as such (decimals unscaled, dates as days, timestamps as milliseconds), doubles as String makes them, texts cut to
   * `textBytesMax`. Null when there is none: without values, of booleans, binary and nested ones, or with a NaN.
   */
  readonly range: { readonly minimum: string; readonly maximum: string } | null
  /** Of numbers; how many booleans are true; how many bytes texts and binary values have; else 0. */
  readonly sum: string
}

/** Of a minimum or maximum that is kept: if it is longer than `exactTextBytesMax`, it need not be whole. */
export const exactTextBytesMax = 1024
const textBytesMax = exactTextBytesMax + 4

const twoTo32 = 2 ** 32

/** As many values as can be summed up before the sum of their lower or upper 32 bits is no longer exact as a double. */
const exactSumCount = 2 ** 20

/** Those of `values[from, to)`, which are of this type. */
export function collectStatistics(
  type: HiveType,
  values: Values,
  { from, to, hasNull }: { readonly from: number; readonly to: number; readonly hasNull: boolean },
): ColumnStatistics {
  const nothing: ColumnStatistics = { valueCount: to - from, hasNull, range: null, sum: "0" }
  return to === from ? nothing : { ...nothing, ...collect(type, values, from, to) }
}

/** Those of all that these are of: parts of one column, at least one. */
export function mergeStatistics(type: HiveType, parts: readonly ColumnStatistics[]): ColumnStatistics {
  return parts.reduce((one, other) => {
    const sum = isFloating(type)
      ? String(Number(one.sum) + Number(other.sum))
      : String(BigInt(one.sum) + BigInt(other.sum))
    return {
      valueCount: one.valueCount + other.valueCount,
      hasNull: one.hasNull || other.hasNull,
      range: one.valueCount === 0 ? other.range : other.valueCount === 0 ? one.range : mergeRanges(type, one, other),
      sum,
    }
  })
}

type Range = ColumnStatistics["range"]

function mergeRanges(type: HiveType, { range: one }: ColumnStatistics, { range: other }: ColumnStatistics): Range {
  if (one === null || other === null) return null
  return {
    minimum: isLess(type, one.minimum, other.minimum) ? one.minimum : other.minimum,
    maximum: isLess(type, one.maximum, other.maximum) ? other.maximum : one.maximum,
  }
}

function isLess(type: HiveType, one: string, other: string): boolean {
  if (isFloating(type)) return Number(one) < Number(other)
  if (isText(type)) return Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0
  return BigInt(one) < BigInt(other)
}

function isFloating({ kind }: HiveType): boolean {
  return kind === "float" || kind === "double"
}

function isText({ kind }: HiveType): boolean {
  return kind === "string" || kind === "char" || kind === "varchar"
}

function collect(type: HiveType, values: Values, from: number, to: number): Partial<ColumnStatistics> {
  switch (values.kind) {
    case "boolean":
      return { sum: String(sumOf(values.values, from, to)) }
    case "integer":
      return { range: rangeOf(values.values, from, to), sum: String(sumOf(values.values, from, to)) }
    case "long":
      return collectLongs(values.words, from, to)
    case "float":
    case "double":
      return collectDoubles(values.values, from, to)
    case "decimal":
      return collectShortDecimals(values, from, to) ?? collectDecimals(values, from, to)
    case "text":
      return { range: isText(type) ? textRange(values, from, to) : null, sum: String(bytesOf(values, from, to)) }
    case "timestamp":
      return { range: rangeOf(timestampMilliseconds(values, from, to), 0, to - from) }
    case "list":
    case "map":
    case "struct":
      return {}
  }
}

type Numbers = Uint8Array | Int32Array | Float32Array | Float64Array

function rangeOf(numbers: Numbers, from: number, to: number): Range {
  let minimum = numbers[from] ?? 0
  let maximum = minimum
  for (let at = from + 1; at < to; at++) {
    const number = numbers[at] ?? 0
    if (number < minimum) minimum = number
    else if (number > maximum) maximum = number
  }
  return { minimum: String(minimum), maximum: String(maximum) }
}

/** Of integers of 32 bits. */
function sumOf(numbers: Uint8Array | Int32Array, from: number, to: number): bigint {
  let sum = 0n
  for (let start = from; start < to; start += exactSumCount) {
    const end = Math.min(start + exactSumCount, to)
    let part = 0
    for (let at = start; at < end; at++) part += numbers[at] ?? 0
    sum += BigInt(part)
  }
  return sum
}

function collectDoubles(numbers: Float32Array | Float64Array, from: number, to: number): Partial<ColumnStatistics> {
  let sum = 0
  let hasNaN = false
  for (let at = from; at < to; at++) {
    const number = numbers[at] ?? 0
    sum += number
    if (Number.isNaN(number)) hasNaN = true
  }
  return { range: hasNaN ? null : rangeOf(numbers, from, to), sum: String(sum) }
}

function collectLongs(words: Uint32Array, from: number, to: number): Partial<ColumnStatistics> {
  let sum = 0n
  let minimum = from
  let maximum = from
  for (let start = from; start < to; start += exactSumCount) {
    const end = Math.min(start + exactSumCount, to)
    let lowerSum = 0
    let upperSum = 0
    for (let at = start; at < end; at++) {
      lowerSum += words[2 * at] ?? 0
      upperSum += (words[2 * at + 1] ?? 0) | 0
      if (isLessLong(words, at, minimum)) minimum = at
      else if (isLessLong(words, maximum, at)) maximum = at
    }
    sum += BigInt(upperSum) * BigInt(twoTo32) + BigInt(lowerSum)
  }
  return {
    range: { minimum: String(longAt(words, minimum)), maximum: String(longAt(words, maximum)) },
    sum: String(sum),
  }
}

function isLessLong(words: Uint32Array, one: number, other: number): boolean {
  const oneUpper = (words[2 * one + 1] ?? 0) | 0
  const otherUpper = (words[2 * other + 1] ?? 0) | 0
  return oneUpper < otherUpper || (oneUpper === otherUpper && (words[2 * one] ?? 0) < (words[2 * other] ?? 0))
}

function longAt(words: Uint32Array, at: number): bigint {
  return (BigInt((words[2 * at + 1] ?? 0) | 0) << 32n) | BigInt(words[2 * at] ?? 0)
}

/** Undefined when one of the values, or a sum of them, is no safe integer. */
function collectShortDecimals(values: DecimalValues, from: number, to: number): Partial<ColumnStatistics> | undefined {
  let minimum = values.doubleAt(from) ?? 0
  let maximum = minimum
  let sum = 0
  for (let at = from; at < to; at++) {
    const value = values.doubleAt(at)
    if (value === undefined || !Number.isSafeInteger(sum + value)) return undefined
    if (value < minimum) minimum = value
    else if (value > maximum) maximum = value
    sum += value
  }
  return { range: { minimum: String(minimum), maximum: String(maximum) }, sum: String(sum) }
}

function collectDecimals(values: DecimalValues, from: number, to: number): Partial<ColumnStatistics> {
  let minimum = values.at(from)
  let maximum = minimum
  let sum = 0n
  for (let at = from; at < to; at++) {
    const value = values.at(at)
    if (value < minimum) minimum = value
    else if (value > maximum) maximum = value
    sum += value
  }
  return { range: { minimum: String(minimum), maximum: String(maximum) }, sum: String(sum) }
}

function bytesOf({ starts }: TextValues, from: number, to: number): number {
  return (starts[to] ?? 0) - (starts[from] ?? 0)
}

function textRange({ bytes, starts }: TextValues, from: number, to: number): Range {
  let minimum = from
  let maximum = from
  for (let at = from + 1; at < to; at++) {
    if (isLessText(bytes, starts, at, minimum)) minimum = at
    else if (isLessText(bytes, starts, maximum, at)) maximum = at
  }
  const text = (index: number) => cutText(bytes.subarray(starts[index] ?? 0, starts[index + 1] ?? 0), textBytesMax)
  return { minimum: text(minimum), maximum: text(maximum) }
}

/** Whether one value is before another, in the order of their bytes. */
export function isLessText(bytes: Uint8Array, starts: Uint32Array, one: number, other: number): boolean {
  let oneAt = starts[one] ?? 0
  let otherAt = starts[other] ?? 0
  const oneEnd = starts[one + 1] ?? 0
  const otherEnd = starts[other + 1] ?? 0
  const end = Math.min(oneEnd, oneAt + otherEnd - otherAt)
  while (oneAt < end && bytes[oneAt] === bytes[otherAt]) {
    oneAt++
    otherAt++
  }
  return oneAt < end ? (bytes[oneAt] ?? 0) < (bytes[otherAt] ?? 0) : oneAt === oneEnd && otherAt < otherEnd
}

/** The first bytes of UTF-8, so many or up to three less, so that no code point is cut. */
export function cutText(bytes: Uint8Array, bytesMax: number): string {
  let end = Math.min(bytes.length, bytesMax)
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString()
}

/** The least and the greatest of a column's values, by which readers skip what they do not look for. */
import { viewOf } from "../columns/index.ts"
import type { FixedBytes, PhysicalValues, VariableBytes } from "./physical-values.ts"

/** Both as PLAIN has them, without a length. */
export interface Bounds {
  readonly least: Uint8Array
  readonly greatest: Uint8Array
}

/** Both together; longer ones are of little use, and would make footers large. parquet-mr has the same limit. */
const boundsBytesMax = 4096

/**
 * Undefined where the format has none or they would mislead: of no values, of INT96, whose order is not defined, of columns with
 * NaN, whose place in the order is everywhere another, and of very long values.
 */
export function boundsOf(values: PhysicalValues): Bounds | undefined {
  if (values.count === 0) return undefined
  switch (values.type) {
    case "BOOLEAN":
      return {
        least: Uint8Array.of(values.bytes.includes(0) ? 0 : 1),
        greatest: Uint8Array.of(values.bytes.includes(1) ? 1 : 0),
      }
    case "INT32":
      return numberBounds(new Int32Array(values.bytes.buffer, values.bytes.byteOffset, values.count))
    case "FLOAT":
      return numberBounds(new Float32Array(values.bytes.buffer, values.bytes.byteOffset, values.count))
    case "DOUBLE":
      return numberBounds(new Float64Array(values.bytes.buffer, values.bytes.byteOffset, values.count))
    case "INT64":
      return longBounds(values)
    case "FIXED_LEN_BYTE_ARRAY":
      return decimalBounds(values)
    case "BYTE_ARRAY":
      return textBounds(values)
    case "INT96":
      return undefined
  }
}

function numberBounds(numbers: Int32Array | Float32Array | Float64Array): Bounds | undefined {
  let least = Number.POSITIVE_INFINITY
  let greatest = Number.NEGATIVE_INFINITY
  for (let index = 0; index < numbers.length; index++) {
    const number = numbers[index] ?? 0
    if (Number.isNaN(number)) return undefined
    if (number < least) least = number
    if (number > greatest) greatest = number
  }
  const encoded = (number: number) => {
    const one = numbers.slice(0, 1).fill(number)
    return new Uint8Array(one.buffer)
  }
  // There may be zeros of both signs, and readers need not take them for equal: the format asks for the outer one.
  return { least: encoded(least === 0 ? -0 : least), greatest: encoded(greatest === 0 ? 0 : greatest) }
}

/** Lower words come first. */
function longBounds({ bytes, count }: FixedBytes): Bounds {
  const view = viewOf(bytes)
  const compare = (left: number, right: number) =>
    view.getInt32(8 * left + 4, true) - view.getInt32(8 * right + 4, true) ||
    view.getUint32(8 * left, true) - view.getUint32(8 * right, true)
  let least = 0
  let greatest = 0
  for (let index = 1; index < count; index++) {
    if (compare(index, greatest) > 0) greatest = index
    else if (compare(index, least) < 0) least = index
  }
  return { least: bytes.slice(8 * least, 8 * least + 8), greatest: bytes.slice(8 * greatest, 8 * greatest + 8) }
}

/** Two's complement, big-endian: only the first byte has a sign. */
function decimalBounds({ bytes, count, widthBytes }: FixedBytes): Bounds {
  const view = viewOf(bytes)
  const compare = (left: number, right: number) =>
    view.getInt8(left) - view.getInt8(right) || compareBytes(bytes, left, left + widthBytes, right, right + widthBytes)
  let least = 0
  let greatest = 0
  for (let at = widthBytes; at < count * widthBytes; at += widthBytes) {
    if (compare(at, greatest) > 0) greatest = at
    else if (compare(at, least) < 0) least = at
  }
  return { least: bytes.slice(least, least + widthBytes), greatest: bytes.slice(greatest, greatest + widthBytes) }
}

function textBounds({ bytes, starts, count }: VariableBytes): Bounds | undefined {
  const view = viewOf(bytes)
  const compare = (left: number, right: number) =>
    compareBytes(bytes, starts[left] ?? 0, starts[left + 1] ?? 0, starts[right] ?? 0, starts[right + 1] ?? 0)
  // Most values lie between the two by their first four bytes, which are compared as one number.
  let least = 0
  let leastPrefix = prefixAt(view, 0, starts[1] ?? 0)
  let greatest = 0
  let greatestPrefix = leastPrefix
  for (let index = 1; index < count; index++) {
    const prefix = prefixAt(view, starts[index] ?? 0, starts[index + 1] ?? 0)
    if (prefix > leastPrefix && prefix < greatestPrefix) continue
    if (compare(index, greatest) > 0) {
      greatest = index
      greatestPrefix = prefix
    } else if (compare(index, least) < 0) {
      least = index
      leastPrefix = prefix
    }
  }
  const bounds = {
    least: bytes.slice(starts[least], starts[least + 1]),
    greatest: bytes.slice(starts[greatest], starts[greatest + 1]),
  }
  return bounds.least.length + bounds.greatest.length < boundsBytesMax ? bounds : undefined
}

/** The first four bytes of a value as a number; zeros stand for those that it does not have. */
function prefixAt(view: DataView, start: number, end: number): number {
  if (end - start >= 4) return view.getUint32(start)
  let prefix = 0
  for (let at = start; at < start + 4; at++) prefix = 256 * prefix + (at < end ? view.getUint8(at) : 0)
  return prefix
}

/** As unsigned bytes, which also is the order of UTF-8. */
function compareBytes(bytes: Uint8Array, left: number, leftEnd: number, right: number, rightEnd: number): number {
  let other = right
  for (let at = left; at < leftEnd && other < rightEnd; at++, other++) {
    const difference = (bytes[at] ?? 0) - (bytes[other] ?? 0)
    if (difference !== 0) return difference
  }
  return leftEnd - left - (rightEnd - right)
}

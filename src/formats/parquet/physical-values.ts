/** The values of a leaf column as bytes, in the way in which pages hold them. */
import assert from "node:assert/strict"
import { endianness } from "node:os"
import type { DecimalValues, TimestampValues } from "../columns/index.ts"
import type { LeafValues } from "./levels.ts"
import type { PhysicalType } from "./schema.ts"

export type PhysicalValues = BooleanBytes | FixedBytes | VariableBytes

/** A byte each, 1 or 0. */
export interface BooleanBytes {
  readonly type: "BOOLEAN"
  readonly count: number
  readonly bytes: Uint8Array
}

/** `widthBytes` each, one after the other: numbers little-endian, as the format has them. */
export interface FixedBytes {
  readonly type: Exclude<PhysicalType, "BOOLEAN" | "BYTE_ARRAY">
  readonly count: number
  readonly bytes: Uint8Array
  readonly widthBytes: number
}

/** Value i is bytes[starts[i], starts[i + 1]). */
export interface VariableBytes {
  readonly type: "BYTE_ARRAY"
  readonly count: number
  readonly bytes: Uint8Array
  readonly starts: Uint32Array
}

/** `widthBytes` are those of a decimal. */
export function physicalValues(values: LeafValues, widthBytes = 0): PhysicalValues {
  const count = values.valueCount
  switch (values.kind) {
    case "boolean":
      return { type: "BOOLEAN", count, bytes: values.values }
    case "integer":
      return { type: "INT32", count, widthBytes: 4, bytes: littleEndian(values.values) }
    case "long":
      return { type: "INT64", count, widthBytes: 8, bytes: littleEndian(values.words) }
    case "float":
      return { type: "FLOAT", count, widthBytes: 4, bytes: littleEndian(values.values) }
    case "double":
      return { type: "DOUBLE", count, widthBytes: 8, bytes: littleEndian(values.values) }
    case "timestamp":
      return { type: "INT96", count, widthBytes: 12, bytes: littleEndian(int96(values)) }
    case "decimal":
      return { type: "FIXED_LEN_BYTE_ARRAY", count, widthBytes, bytes: decimals(values, widthBytes) }
    case "text":
      return { type: "BYTE_ARRAY", count, bytes: values.bytes, starts: values.starts }
  }
}

/** Numbers are taken as they lie in memory: Node runs on big-endian machines too, this does not. */
function littleEndian(numbers: Int32Array | Uint32Array | Float32Array | Float64Array): Uint8Array {
  assert.equal(endianness(), "LE", "Parquet is written on little-endian machines only")
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)
}

const secondsPerDay = 86_400
/** Of 1970-01-01. */
const julianDay = 2_440_588

/** Of each timestamp the nanoseconds of its day as 64 bits, then its Julian day as 32. */
function int96({ seconds, nanoseconds }: TimestampValues): Uint32Array {
  const words = new Uint32Array(3 * seconds.length)
  for (let index = 0, at = 0; index < seconds.length; index++) {
    const second = seconds[index] ?? 0
    const day = Math.floor(second / secondsPerDay)
    const nanosecondOfDay = (second - day * secondsPerDay) * 1e9 + (nanoseconds[index] ?? 0)
    words[at++] = nanosecondOfDay
    words[at++] = nanosecondOfDay / 2 ** 32
    words[at++] = day + julianDay
  }
  return words
}

/** Unscaled values in two's complement, big-endian: the lowest bytes of their words, from the last one on. */
function decimals({ words, valueCount }: DecimalValues, widthBytes: number): Uint8Array {
  const source = littleEndian(words)
  const bytes = new Uint8Array(valueCount * widthBytes)
  for (let index = 0, end = widthBytes; index < valueCount; index++, end += widthBytes) {
    for (let byte = 0; byte < widthBytes; byte++) bytes[end - 1 - byte] = source[16 * index + byte] ?? 0
  }
  return bytes
}

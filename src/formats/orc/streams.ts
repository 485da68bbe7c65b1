/**
 * Streams of a column: the bytes of one thing of all its entries in a stripe, and where in them each row group begins. Runs do not go
 * on from one row group into the next, so a mark says that no value of a run is to be skipped; only of booleans, of which eight
 * share a byte, bits are.
 */
import { writeByteRuns } from "./byte-runs.ts"
import { GrowingBytes } from "./growing-bytes.ts"
import { type Integers, writeIntegers } from "./integers.ts"
import type { OrcOptions } from "./options.ts"

/** As the format numbers them. */
export const streamKinds = {
  present: 0,
  data: 1,
  length: 2,
  dictionaryData: 3,
  secondary: 5,
  rowIndex: 6,
  bloomFilterUtf8: 8,
} as const

export type StreamKind = keyof typeof streamKinds

export interface Stream {
  readonly kind: StreamKind
  readonly bytes: Uint8Array
  /** For each row group. None for a dictionary, which all of them share. */
  readonly marks: readonly Mark[]
}

/** Where the first value of a row group is. */
export interface Mark {
  readonly byteOffset: number
  /** What to skip from there on: values of a run, then bits of a byte, whichever the stream has. */
  readonly skip: readonly number[]
}

/**
 * Where row groups begin among the entries or values of a column: one more than there are groups, since each ends where the next one
 * begins.
 */
export type Bounds = readonly number[]

/** What `each` makes of each row group. */
export function forEachGroup<Result>(
  bounds: Bounds,
  each: (from: number, to: number, group: number) => Result,
): Result[] {
  return bounds.slice(1).map((to, group) => each(bounds[group] ?? 0, to, group))
}

/** Which entries are there. */
export function presentStream(present: Uint8Array, bounds: Bounds): Stream {
  return { ...booleanStream(present, bounds), kind: "present" }
}

/** Eight booleans a byte, the first in its top bit, as runs of bytes. */
export function booleanStream(values: Uint8Array, bounds: Bounds): Stream {
  const packed = new Uint8Array(Math.ceil(values.length / 8))
  for (let at = 0; at < values.length; at++) {
    if (values[at] === 1) packed[at >> 3] = (packed[at >> 3] ?? 0) | (0x80 >> (at & 7))
  }
  const out = new GrowingBytes()
  const marks = forEachGroup(bounds, (from, to) => {
    const byteOffset = out.length
    // A byte that groups share begins a run, after the marks of all that begin in it.
    writeByteRuns(out, packed, from >> 3, to >> 3)
    return { byteOffset, skip: [0, from & 7] }
  })
  writeByteRuns(out, packed, values.length >> 3, packed.length)
  return { kind: "data", bytes: out.written, marks }
}

export function byteStream(values: Uint8Array, bounds: Bounds): Stream {
  const out = new GrowingBytes()
  const marks = forEachGroup(bounds, (from, to) => {
    const byteOffset = out.length
    writeByteRuns(out, values, from, to)
    return { byteOffset, skip: [0] }
  })
  return { kind: "data", bytes: out.written, marks }
}

export interface IntegerStream {
  readonly kind: StreamKind
  readonly isSigned: boolean
  readonly options: OrcOptions
}

export function integerStream(values: Integers, bounds: Bounds, { kind, isSigned, options }: IntegerStream): Stream {
  const out = new GrowingBytes()
  const marks = forEachGroup(bounds, (from, to) => {
    const byteOffset = out.length
    writeIntegers(out, values, from, to, { isSigned, formatVersion: options.formatVersion })
    return { byteOffset, skip: [0] }
  })
  return { kind, bytes: out.written, marks }
}

/** Bytes as they are, of values that begin at these offsets. */
export function plainStream(bytes: Uint8Array, offsets: readonly number[]): Stream {
  return { kind: "data", bytes, marks: offsets.map((byteOffset) => ({ byteOffset, skip: [] })) }
}

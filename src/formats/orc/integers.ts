/**
 * Integers of a stream, as runs: in the first version's form (Hive 0.11) or the second's (0.12). Both take them in windows of 512,
 * the most that a run of the second version holds. Doubles compute fast, and are exact for all but a few; windows in which one is
 * not go by bigints.
 */
import type { GrowingBytes } from "./growing-bytes.ts"
import { writeRunsV1, writeWideRunsV1 } from "./integer-runs-v1.ts"
import { writeRunsV2, writeWideRunsV2 } from "./integer-runs-v2.ts"

/** Integers of 64 bits as LongValues holds them: of each the lower 32 bits, then the upper ones. */
export interface LongWords {
  readonly words: Uint32Array
}

/** Doubles are integers of -2^51 to 2^51. */
export type Integers = Int32Array | Float64Array | LongWords

export interface IntegerEncoding {
  readonly isSigned: boolean
  readonly formatVersion: "V0_11" | "V0_12"
}

const windowLength = 512
const twoTo32 = 2 ** 32

/** Of 2^51, so that also twice a value, and the difference of two, is exact as a double. */
const upperWordMax = 2 ** 19

/** Writes `values[from, to)`. No run goes on behind that. */
export function writeIntegers(
  out: GrowingBytes,
  values: Integers,
  from: number,
  to: number,
  encoding: IntegerEncoding,
) {
  const { isSigned, formatVersion } = encoding
  const window = new Float64Array(windowLength)
  for (let at = from; at < to; at += windowLength) {
    const end = Math.min(at + windowLength, to)
    const count = end - at
    if (fillWindow(window, values, at, end)) {
      if (formatVersion === "V0_11") writeRunsV1(out, window.subarray(0, count), isSigned)
      else writeRunsV2(out, window.subarray(0, count), isSigned)
      continue
    }
    const wide = wideWindow(values, at, end)
    if (formatVersion === "V0_11") writeWideRunsV1(out, wide, isSigned)
    else writeWideRunsV2(out, wide, isSigned)
  }
}

/** Whether doubles were enough. */
function fillWindow(window: Float64Array, values: Integers, from: number, to: number): boolean {
  if (values instanceof Int32Array || values instanceof Float64Array) {
    window.set(values.subarray(from, to))
    return true
  }
  const { words } = values
  for (let at = from; at < to; at++) {
    const upper = (words[2 * at + 1] ?? 0) | 0
    if (upper < -upperWordMax || upper >= upperWordMax) return false
    window[at - from] = upper * twoTo32 + (words[2 * at] ?? 0)
  }
  return true
}

function wideWindow(values: Integers, from: number, to: number): bigint[] {
  if (values instanceof Int32Array || values instanceof Float64Array)
    return Array.from(values.subarray(from, to), BigInt)
  const { words } = values
  const wide: bigint[] = []
  for (let at = from; at < to; at++) {
    wide.push((BigInt((words[2 * at + 1] ?? 0) | 0) << 32n) | BigInt(words[2 * at] ?? 0))
  }
  return wide
}

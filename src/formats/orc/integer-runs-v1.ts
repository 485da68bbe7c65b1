/**
 * Run-length encoding of integers, first version. A run is one of
 *
 *     length - 3 (0 to 127), delta (-128 to 127), first value      3 to 130 values, each the one before and the delta
 *     -length (-1 to -128), so many values                         values as they are
 *
 * where values are varints, and signed ones zigzag.
 */
import type { GrowingBytes } from "./growing-bytes.ts"
import { wideZigzag, writeVarint, writeWideVarint, zigzag } from "./varint.ts"

const runMin = 3
const runMax = 130
const literalsMax = 128

/** Writes integers of -2^51 to 2^51. */
export function writeRunsV1(out: GrowingBytes, values: Float64Array, isSigned: boolean) {
  let at = 0
  while (at < values.length) {
    const length = runLengthAt(values, at, runMax)
    const first = values[at] ?? 0
    if (length >= runMin) {
      out.append(length - runMin)
      out.append((values[at + 1] ?? 0) - first)
      writeVarint(out, isSigned ? zigzag(first) : first)
      at += length
      continue
    }
    let end = at + 1
    while (end < values.length && end - at < literalsMax && runLengthAt(values, end, runMin) < runMin) end++
    out.append(at - end)
    for (; at < end; at++) {
      const value = values[at] ?? 0
      writeVarint(out, isSigned ? zigzag(value) : value)
    }
  }
}

/** Writes any integers of 64 bits: as they are, since such ones are seldom in runs. */
export function writeWideRunsV1(out: GrowingBytes, values: readonly bigint[], isSigned: boolean) {
  for (let at = 0; at < values.length; at += literalsMax) {
    const literals = values.slice(at, at + literalsMax)
    out.append(-literals.length)
    for (const value of literals) writeWideVarint(out, isSigned ? wideZigzag(value) : value)
  }
}

/** How many values from `from` on, at most `lengthMax`, are one run. */
function runLengthAt(values: Float64Array, from: number, lengthMax: number): number {
  const to = Math.min(values.length, from + lengthMax)
  const delta = (values[from + 1] ?? 0) - (values[from] ?? 0)
  if (delta < -128 || delta > 127) return 1
  let end = from + 1
  while (end < to && (values[end] ?? 0) - (values[end - 1] ?? 0) === delta) end++
  return end - from
}

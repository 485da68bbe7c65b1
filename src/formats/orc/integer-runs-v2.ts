/**
 * Run-length encoding of integers, second version. What each kind of run is, by bits:
 *
 *     SHORT_REPEAT   00, width in bytes - 1 (3), length - 3 (3)     the value, 3 to 10 times
 *     DIRECT         01, width (5), length - 1 (9)                  values of that width
 *     PATCHED_BASE   10, width (5), length - 1 (9),
 *                    width of base in bytes - 1 (3), width of patches (5),
 *                    width of gaps - 1 (3), number of patches (5)
 *                                                                   base: its top bit is the sign, the others its magnitude;
 *                                                                   what values exceed it by, as far as the width goes;
 *                                                                   for each value that goes farther its gap from the one
 *                                                                   before and its upper bits
 *     DELTA          11, width (5) or 0, length - 1 (9)             first value as varint, first delta as signed varint,
 *                                                                   magnitudes of the other deltas, which have its sign;
 *                                                                   of width 0 they are all alike
 *
 * A run holds at most 512 values. Signed values are zigzag, save the base. Widths are those of `closestWidth`. What begins with a
 * width is filled up to whole bytes.
 */
import { bitLength, writeBits, writeWideBits } from "./bits.ts"
import type { GrowingBytes } from "./growing-bytes.ts"
import { wideZigzag, writeVarint, writeWideVarint, zigzag } from "./varint.ts"

const shortRepeatMin = 3
const shortRepeatMax = 10

/** So many times the same value, amid others, take less as a run of their own. */
const repeatsWorthARun = 8

/** A gap is at most so far; a greater one has patches of nothing between. */
const gapMax = 255

/** Writes integers of -2^51 to 2^51, at most 512. Their memory is used for what becomes of them. */
export function writeRunsV2(out: GrowingBytes, values: Float64Array, isSigned: boolean) {
  const { length } = values
  let at = 0
  while (at < length) {
    const repeats = repeatsAt(values, at)
    const isRun = repeats >= repeatsWorthARun || (repeats >= shortRepeatMin && at + repeats === length)
    const end = isRun ? at + repeats : nextLongRepeat(values, at + repeats)
    const section = values.subarray(at, end)
    if (!isRun) writeSection(out, section, isSigned)
    else if (repeats <= shortRepeatMax) writeShortRepeat(out, section, isSigned)
    else writeFixedDelta(out, section, isSigned)
    at = end
  }
}

function repeatsAt(values: Float64Array, at: number): number {
  const value = values[at]
  let end = at + 1
  while (end < values.length && values[end] === value) end++
  return end - at
}

/** Where the next run of the same value begins that is worth one, or the end. */
function nextLongRepeat(values: Float64Array, from: number): number {
  let start = from
  for (let at = from + 1; at < values.length; at++) {
    if (values[at] !== values[start]) start = at
    else if (at - start === repeatsWorthARun - 1) return start
  }
  return values.length
}

function writeShortRepeat(out: GrowingBytes, values: Float64Array, isSigned: boolean) {
  toUnsigned(values, isSigned)
  const bytes = Math.max(1, Math.ceil(bitLength(values[0] ?? 0) / 8))
  out.append(((bytes - 1) << 3) | (values.length - shortRepeatMin))
  writeBits(out, values.subarray(0, 1), 8 * bytes)
}

/** Writes values that are not all the same. */
function writeSection(out: GrowingBytes, values: Float64Array, isSigned: boolean) {
  const { length } = values
  const first = values[0] ?? 0
  const firstDelta = (values[1] ?? first) - first
  let minimum = first
  let maximum = first
  let largestDelta = 0
  let isFixedDelta = true
  // The sign of the first delta is that of all, so it can't be zero.
  let isMonotonic = firstDelta !== 0
  for (let at = 1, before = first; at < length; at++) {
    const value = values[at] ?? 0
    const delta = value - before
    if (value < minimum) minimum = value
    if (value > maximum) maximum = value
    if (delta !== firstDelta) isFixedDelta = false
    if (delta * firstDelta < 0) isMonotonic = false
    if (at > 1) largestDelta = Math.max(largestDelta, Math.abs(delta))
    before = value
  }
  if (length >= shortRepeatMin && isFixedDelta) writeFixedDelta(out, values, isSigned)
  else if (length >= shortRepeatMin && isMonotonic) writeDeltas(out, values, largestDelta, isSigned)
  else {
    const direct = closestWidth(bitLength(isSigned ? Math.max(zigzag(minimum), zigzag(maximum)) : maximum))
    const patched = planPatches(values, minimum, maximum)
    const patchedBytes = patched === undefined ? Number.POSITIVE_INFINITY : patched.bytesMax
    if (patched && patchedBytes < 2 + bytesOf(length, direct)) writePatchedBase(out, values, minimum, patched)
    else writeDirect(out, values, direct, isSigned)
  }
}

function writeDirect(out: GrowingBytes, values: Float64Array, width: number, isSigned: boolean) {
  toUnsigned(values, isSigned)
  writeHeader(out, kinds.direct, width, values.length)
  writeBits(out, values, width)
}

function writeFixedDelta(out: GrowingBytes, values: Float64Array, isSigned: boolean) {
  const first = values[0] ?? 0
  writeHeader(out, kinds.delta, 0, values.length)
  writeVarint(out, isSigned ? zigzag(first) : first)
  writeVarint(out, zigzag((values[1] ?? 0) - first))
}

function writeDeltas(out: GrowingBytes, values: Float64Array, largestDelta: number, isSigned: boolean) {
  const width = deltaWidth(bitLength(largestDelta))
  const first = values[0] ?? 0
  writeHeader(out, kinds.delta, width, values.length)
  writeVarint(out, isSigned ? zigzag(first) : first)
  writeVarint(out, zigzag((values[1] ?? 0) - first))
  for (let at = values.length - 1; at > 1; at--) values[at] = Math.abs((values[at] ?? 0) - (values[at - 1] ?? 0))
  writeBits(out, values.subarray(2), width)
}

interface PatchPlan {
  /** Of the values without what is patched, and of what is patched. */
  readonly width: number
  readonly patchWidth: number
  readonly bytesMax: number
}

/** How all but a twentieth of the values would be written with fewer bits. */
function planPatches(values: Float64Array, minimum: number, maximum: number): PatchPlan | undefined {
  const patchesMax = Math.floor(values.length / 20)
  if (patchesMax === 0) return undefined
  const lengths = new Uint16Array(65)
  for (let at = 0; at < values.length; at++) {
    const bits = bitLength((values[at] ?? 0) - minimum)
    lengths[bits] = (lengths[bits] ?? 0) + 1
  }
  const fullBits = bitLength(maximum - minimum)
  let bits = fullBits
  let patches = 0
  while (bits > 1 && patches + (lengths[bits] ?? 0) <= patchesMax) patches += lengths[bits--] ?? 0
  const width = closestWidth(bits)
  if (width >= fullBits) return undefined
  const patchWidth = closestWidth(fullBits - width)
  // There can be two gaps that are too wide for one.
  const patchBytesMax = bytesOf(patches + 2, closestWidth(8 + patchWidth))
  return { width, patchWidth, bytesMax: 4 + 8 + bytesOf(values.length, width) + patchBytesMax }
}

function writePatchedBase(out: GrowingBytes, values: Float64Array, minimum: number, plan: PatchPlan) {
  const { width, patchWidth } = plan
  const unit = 2 ** width
  const patches: { readonly gap: number; readonly upperBits: number }[] = []
  let gapFrom = 0
  for (let at = 0; at < values.length; at++) {
    const excess = (values[at] ?? 0) - minimum
    values[at] = excess % unit
    if (excess < unit) continue
    for (; at - gapFrom > gapMax; gapFrom += gapMax) patches.push({ gap: gapMax, upperBits: 0 })
    patches.push({ gap: at - gapFrom, upperBits: Math.floor(excess / unit) })
    gapFrom = at
  }
  const gapWidth = Math.max(1, bitLength(Math.max(...patches.map(({ gap }) => gap))))
  const baseBytes = Math.ceil((bitLength(Math.abs(minimum)) + 1) / 8)
  const sign = minimum < 0 ? 1n << BigInt(8 * baseBytes - 1) : 0n

  writeHeader(out, kinds.patchedBase, width, values.length)
  out.append(((baseBytes - 1) << 5) | widthCode(patchWidth))
  out.append(((gapWidth - 1) << 5) | patches.length)
  writeWideBits(out, [sign | BigInt(Math.abs(minimum))], 8 * baseBytes)
  writeBits(out, values, width)
  const entries = patches.map(({ gap, upperBits }) => (BigInt(gap) << BigInt(patchWidth)) | BigInt(upperBits))
  writeWideBits(out, entries, closestWidth(gapWidth + patchWidth))
}

/** Writes any integers of 64 bits, at most 512: seldom ones, so as one run that tries fewer ways. */
export function writeWideRunsV2(out: GrowingBytes, values: readonly bigint[], isSigned: boolean) {
  const first = values[0] ?? 0n
  const deltas = values.slice(1).map((value, at) => value - (values[at] ?? 0n))
  const [firstDelta = 0n, ...others] = deltas
  const isFixedDelta = others.every((delta) => delta === firstDelta)
  const isMonotonic = firstDelta !== 0n && others.every((delta) => (firstDelta > 0n ? delta >= 0n : delta <= 0n))
  const widest = wideBitLength([...others, firstDelta].map((delta) => (delta < 0n ? -delta : delta)))
  // Of 64 bits a reader could take the magnitude of a delta for its negative.
  if (values.length < shortRepeatMin || !(isFixedDelta || isMonotonic) || widest > 62) {
    const unsigned = isSigned ? values.map(wideZigzag) : values
    const width = closestWidth(wideBitLength(unsigned))
    writeHeader(out, kinds.direct, width, values.length)
    writeWideBits(out, unsigned, width)
    return
  }
  const magnitudes = others.map((delta) => (delta < 0n ? -delta : delta))
  const width = isFixedDelta ? 0 : deltaWidth(wideBitLength(magnitudes))
  writeHeader(out, kinds.delta, width, values.length)
  writeWideVarint(out, isSigned ? wideZigzag(first) : first)
  writeWideVarint(out, wideZigzag(firstDelta))
  if (!isFixedDelta) writeWideBits(out, magnitudes, width)
}

/** Of the largest of integers from 0 on. */
function wideBitLength(values: readonly bigint[]): number {
  return Math.max(...values.map((value) => (value === 0n ? 0 : value.toString(2).length)))
}

const kinds = { direct: 1, patchedBase: 2, delta: 3 } as const

function writeHeader(out: GrowingBytes, kind: number, width: number, length: number) {
  out.append((kind << 6) | (widthCode(width) << 1) | ((length - 1) >> 8))
  out.append((length - 1) & 0xff)
}

/** The narrowest width that there is, of at least so many bits. */
function closestWidth(bits: number): number {
  if (bits <= 24) return Math.max(1, bits)
  if (bits <= 32) return bits + (bits % 2)
  return 8 * Math.ceil(bits / 8)
}

/** Of deltas: one of width 1 would be written as that of width 0, which says that all are alike. */
function deltaWidth(bits: number): number {
  return closestWidth(Math.max(2, bits))
}

/** In five bits: 1 to 24, 26, 28, 30, 32, 40, 48, 56, 64 are 0 to 31. So is 0 as 1. */
function widthCode(width: number): number {
  if (width <= 24) return Math.max(1, width) - 1
  return width <= 32 ? 11 + width / 2 : 23 + width / 8
}

function bytesOf(count: number, width: number): number {
  return Math.ceil((count * width) / 8)
}

function toUnsigned(values: Float64Array, isSigned: boolean) {
  if (!isSigned) return
  for (let at = 0; at < values.length; at++) values[at] = zigzag(values[at] ?? 0)
}

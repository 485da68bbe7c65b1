/**
 * Integers as their distances (DELTA_BINARY_PACKED), in blocks of 128 distances, each of four miniblocks of 32:
 *
 *     varint 128, varint 4, varint count of all values, zigzag varint first value
 *     for each block:   zigzag varint least distance, a byte for each miniblock: bits of its distances
 *                       for each miniblock: its distances less the least one, so many bits each, lowest bit first
 *
 * The last miniblock is filled up with zeros, and those behind it have 0 bits. Distances wrap around at 32 or 64 bits, as
 * the values do.
 *
 * Values are 64 bits in two words, lower and upper, since BigInt costs an allocation for each step.
 */
import type { ByteWriter } from "./byte-writer.ts"

const blockValues = 128
const miniblocks = 4
const miniblockValues = blockValues / miniblocks

/** Of the distances of one block: used again. */
const lows = new Uint32Array(blockValues)
const highs = new Int32Array(blockValues)

/** Writes values [from, to) of those whose words these are: one word each (int32), or two, the lower one first (int64). */
export function writeDeltaBinaryPacked(
  words: Uint32Array,
  wordsPerValue: 1 | 2,
  from: number,
  to: number,
  writer: ByteWriter,
) {
  writer.writeVarint(blockValues)
  writer.writeVarint(miniblocks)
  writer.writeVarint(to - from)
  const high = (index: number) =>
    wordsPerValue === 2 ? (words[2 * index + 1] ?? 0) | 0 : ((words[index] ?? 0) | 0) >> 31
  if (to === from) writeZigzag64(0, 0, writer)
  else writeZigzag64(words[wordsPerValue * from] ?? 0, high(from), writer)
  for (let start = from + 1; start < to; start += blockValues) {
    const count = Math.min(blockValues, to - start)
    for (let index = 0; index < count; index++) {
      const at = wordsPerValue * (start + index)
      const before = words[at - wordsPerValue] ?? 0
      const value = words[at] ?? 0
      const low = (value - before) >>> 0
      lows[index] = low
      if (wordsPerValue === 1) highs[index] = (low | 0) >> 31
      else highs[index] = (words[at + 1] ?? 0) - (words[at - 1] ?? 0) - (value < before ? 1 : 0)
    }
    writeBlock(count, writer)
  }
}

/** The first `count` distances of `lows` and `highs`. */
function writeBlock(count: number, writer: ByteWriter) {
  let least = 0
  for (let index = 1; index < count; index++) if (isLess(index, least)) least = index
  const leastLow = lows[least] ?? 0
  const leastHigh = highs[least] ?? 0
  writeZigzag64(leastLow, leastHigh, writer)
  for (let index = 0; index < blockValues; index++) {
    const low = index < count ? (lows[index] ?? 0) : leastLow
    const high = index < count ? (highs[index] ?? 0) : leastHigh
    lows[index] = low - leastLow
    highs[index] = high - leastHigh - (low < leastLow ? 1 : 0)
  }
  const widths = Array.from({ length: miniblocks }, (_, miniblock) => bitWidth(miniblock * miniblockValues))
  for (const width of widths) writer.writeByte(width)
  for (const [miniblock, width] of widths.entries()) {
    if (miniblock * miniblockValues < count) writeMiniblock(miniblock * miniblockValues, width, writer)
  }
}

function isLess(left: number, right: number): boolean {
  const leftHigh = highs[left] ?? 0
  const rightHigh = highs[right] ?? 0
  return leftHigh < rightHigh || (leftHigh === rightHigh && (lows[left] ?? 0) < (lows[right] ?? 0))
}

/** Bits of the largest of a miniblock's distances, which are unsigned. */
function bitWidth(start: number): number {
  let low = 0
  let high = 0
  for (let index = start; index < start + miniblockValues; index++) {
    low |= lows[index] ?? 0
    high |= highs[index] ?? 0
  }
  return high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high)
}

function writeMiniblock(start: number, width: number, writer: ByteWriter) {
  if (width === 0) return
  const into = writer.extend((miniblockValues / 8) * width).fill(0)
  let bit = 0
  for (let index = start; index < start + miniblockValues; index++) {
    putBits(into, bit, lows[index] ?? 0, Math.min(32, width))
    if (width > 32) putBits(into, bit + 32, highs[index] ?? 0, width - 32)
    bit += width
  }
}

/** Puts the lowest `count` bits of `bits`, above which there are none, at bit `at`. */
function putBits(into: Uint8Array, at: number, bits: number, count: number) {
  let byte = at >> 3
  const shift = at & 7
  into[byte] = (into[byte] ?? 0) | (bits << shift)
  for (let taken = 8 - shift; taken < count; taken += 8) into[++byte] = bits >>> taken
}

/** A signed integer of 64 bits: 0, -1, 1, -2 are written as 0, 1, 2, 3. */
function writeZigzag64(low: number, high: number, writer: ByteWriter) {
  const sign = high >> 31
  let restLow = ((low << 1) ^ sign) >>> 0
  let restHigh = (((high << 1) | (low >>> 31)) ^ sign) >>> 0
  while (restHigh !== 0 || restLow >= 128) {
    writer.writeByte((restLow & 127) | 128)
    restLow = ((restLow >>> 7) | (restHigh << 25)) >>> 0
    restHigh >>>= 7
  }
  writer.writeByte(restLow)
}

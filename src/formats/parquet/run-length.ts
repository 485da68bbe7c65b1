/**
 * Small integers as runs of two kinds, the hybrid of RLE and bit-packing that levels, indexes of dictionaries and V2's booleans
 * are written in:
 *
 *     repeated run     varint count * 2;          the value, in as many bytes as its bits need, little-endian
 *     bit-packed run   varint count / 8 * 2 + 1;  the values, `bitWidth` bits each from the lowest bit of the first byte on
 *
 * A bit-packed run has a multiple of 8 values; at the very end zeros fill it up.
 */
import type { ByteWriter } from "./byte-writer.ts"

/** Fewer equal values than this are packed. */
const repeatedMin = 8

/** Writes `values[from, to)`, each of at most `bitWidth` bits: 1 to 24. */
export function writeRunLengths(
  values: Uint8Array | Uint32Array,
  from: number,
  to: number,
  bitWidth: number,
  writer: ByteWriter,
) {
  let packedFrom = from
  let at = from
  while (at < to) {
    const value = values[at] ?? 0
    let end = at + 1
    while (end < to && values[end] === value) end++
    // A run that follows packed values first fills up their last eight.
    const start = at + ((packedFrom - at) & 7)
    if (end - start >= repeatedMin) {
      writePacked(values, packedFrom, start, bitWidth, writer)
      writer.writeVarint(2 * (end - start))
      for (let shift = 0; shift < bitWidth; shift += 8) writer.writeByte(value >>> shift)
      packedFrom = end
    }
    at = end
  }
  writePacked(values, packedFrom, to, bitWidth, writer)
}

function writePacked(values: Uint8Array | Uint32Array, from: number, to: number, bitWidth: number, writer: ByteWriter) {
  const groupCount = Math.ceil((to - from) / 8)
  if (groupCount === 0) return
  writer.writeVarint(2 * groupCount + 1)
  const into = writer.extend(groupCount * bitWidth).fill(0)
  let bits = 0
  let bitCount = 0
  let byte = 0
  for (let at = from; at < to; at++) {
    bits |= (values[at] ?? 0) << bitCount
    for (bitCount += bitWidth; bitCount >= 8; bitCount -= 8) {
      into[byte++] = bits
      bits >>>= 8
    }
  }
  if (bitCount > 0) into[byte] = bits
}

/** What a value takes at most, where runs of both kinds take turns: 8 packed ones and 8 repeated ones share two headers. */
export function runLengthBitsMax(bitWidth: number): number {
  return Math.max(bitWidth, (16 + 8 * bitWidth + 8 * Math.ceil(bitWidth / 8)) / 16)
}

/** Bits that a number up to this one needs: at least 1, since not all readers take 0. */
export function bitWidthOf(maximum: number): number {
  return Math.max(1, 32 - Math.clz32(maximum))
}

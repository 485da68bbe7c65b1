/**
 * Integers of any size, seven bits a byte, the lowest first; all bytes but the last have their top bit set. Signed ones are made
 * unsigned first, so that small ones stay small (zigzag): 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4.
 */
import type { GrowingBytes } from "./growing-bytes.ts"

const twoTo31 = 2 ** 31

/** An integer of -2^52 to 2^52. */
export function zigzag(value: number): number {
  return value >= 0 ? 2 * value : -2 * value - 1
}

export function wideZigzag(value: bigint): bigint {
  return value >= 0n ? 2n * value : -2n * value - 1n
}

/** Writes an integer of 0 to 2^53. */
export function writeVarint(out: GrowingBytes, value: number) {
  out.reserve(8)
  const { bytes } = out
  let rest = value
  while (rest >= twoTo31) {
    bytes[out.length++] = 0x80 | (rest % 128)
    rest = Math.floor(rest / 128)
  }
  for (; rest > 0x7f; rest >>>= 7) bytes[out.length++] = 0x80 | rest
  bytes[out.length++] = rest
}

/** Writes an integer from 0 on. */
export function writeWideVarint(out: GrowingBytes, value: bigint) {
  let rest = value
  for (; rest > 0x7fn; rest >>= 7n) out.append(0x80 | Number(rest & 0x7fn))
  out.append(Number(rest))
}

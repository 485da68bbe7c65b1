/**
 * Runs of bytes by what they share with the one before (DELTA_BYTE_ARRAY):
 *
 *     for all values: how many bytes each has in common with the one before, as DELTA_BINARY_PACKED
 *     for all values: how many bytes follow those,                           as DELTA_BINARY_PACKED
 *     the bytes that follow, one after the other
 */

import { copyBytes, viewOf } from "../columns/index.ts"
import type { ByteWriter } from "./byte-writer.ts"
import { writeDeltaBinaryPacked } from "./delta-binary-packed.ts"

/** Writes values [from, to). Value i is bytes[starts[i], starts[i + 1]). */
export function writeDeltaByteArray(
  bytes: Uint8Array,
  starts: Uint32Array,
  from: number,
  to: number,
  writer: ByteWriter,
) {
  const count = to - from
  const prefixLengths = new Uint32Array(count)
  const suffixLengths = new Uint32Array(count)
  let suffixBytes = 0
  for (let index = 0; index < count; index++) {
    const start = starts[from + index] ?? 0
    const end = starts[from + index + 1] ?? 0
    let prefix = 0
    if (index > 0) {
      const before = starts[from + index - 1] ?? 0
      const prefixMax = Math.min(end - start, start - before)
      while (prefix < prefixMax && bytes[before + prefix] === bytes[start + prefix]) prefix++
    }
    prefixLengths[index] = prefix
    suffixLengths[index] = end - start - prefix
    suffixBytes += end - start - prefix
  }
  writeDeltaBinaryPacked(prefixLengths, 1, 0, count, writer)
  writeDeltaBinaryPacked(suffixLengths, 1, 0, count, writer)
  const source = viewOf(bytes)
  const into = viewOf(writer.extend(suffixBytes))
  let at = 0
  for (let index = 0; index < count; index++) {
    const start = (starts[from + index] ?? 0) + (prefixLengths[index] ?? 0)
    at = copyBytes(source, start, starts[from + index + 1] ?? 0, into, at)
  }
}

/**
 * Run-length encoding of bytes. A run is one of
 *
 *     length - 3 (0 to 127), the byte          3 to 130 times the same byte
 *     -length (-1 to -128), so many bytes      bytes as they are
 */
import type { GrowingBytes } from "./growing-bytes.ts"

const repeatsMin = 3
const repeatsMax = 130
const literalsMax = 128

/** Writes `values[from, to)`. No run goes on behind that. */
export function writeByteRuns(out: GrowingBytes, values: Uint8Array, from: number, to: number) {
  let at = from
  while (at < to) {
    const repeats = repeatsAt(values, at, Math.min(to, at + repeatsMax))
    if (repeats >= repeatsMin) {
      out.append(repeats - repeatsMin)
      out.append(values[at] ?? 0)
      at += repeats
      continue
    }
    let end = at + repeats
    while (end < to && end - at < literalsMax && repeatsAt(values, end, Math.min(to, end + repeatsMin)) < repeatsMin)
      end++
    out.append(at - end)
    out.reserve(end - at)
    out.bytes.set(values.subarray(at, end), out.length)
    out.length += end - at
    at = end
  }
}

/** How many bytes from `at` on, before `to`, are the same. At least one. */
function repeatsAt(values: Uint8Array, at: number, to: number): number {
  const value = values[at]
  let end = at + 1
  while (end < to && values[end] === value) end++
  return end - at
}

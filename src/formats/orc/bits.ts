/** Integers of some bits each, one after the other, the most significant bit first; the last byte is filled with zeros. */
import type { GrowingBytes } from "./growing-bytes.ts"

const twoTo24 = 2 ** 24
const twoTo32 = 2 ** 32
const twoTo48 = 2 ** 48

/** How many bits an integer of 0 to 2^53 takes. */
export function bitLength(value: number): number {
  return value < twoTo32 ? 32 - Math.clz32(value) : 64 - Math.clz32(value / twoTo32)
}

/** Writes integers from 0 to 2^53. */
export function writeBits(out: GrowingBytes, values: Float64Array, width: number) {
  const bits = values.length * width
  if (width > 24) {
    const writer = new BitWriter(out, bits)
    for (let at = 0; at < values.length; at++) writer.write(values[at] ?? 0, width)
    writer.end()
    return
  }
  out.reserve(Math.ceil(bits / 8))
  const { bytes } = out
  let { length } = out
  // Less than 8 bits are left over from one value to the next, so that all fits into 32.
  let pending = 0
  let pendingBits = 0
  for (let at = 0; at < values.length; at++) {
    pending = (pending << width) | (values[at] ?? 0)
    pendingBits += width
    while (pendingBits >= 8) {
      pendingBits -= 8
      bytes[length++] = pending >>> pendingBits
    }
  }
  if (pendingBits > 0) bytes[length++] = pending << (8 - pendingBits)
  out.length = length
}

/** Writes integers of 64 bits, each from 0 to 2^64. */
export function writeWideBits(out: GrowingBytes, values: readonly bigint[], width: number) {
  const writer = new BitWriter(out, values.length * width)
  for (const value of values) {
    if (width > 32) writer.write(Number(value >> 32n), width - 32)
    writer.write(Number(value & 0xffffffffn), Math.min(width, 32))
  }
  writer.end()
}

class BitWriter {
  readonly #out: GrowingBytes
  #pending = 0
  #pendingBits = 0

  constructor(out: GrowingBytes, bits: number) {
    out.reserve(Math.ceil(bits / 8))
    this.#out = out
  }

  write(value: number, width: number) {
    if (width > 48) this.#write(Math.floor(value / twoTo48), width - 48)
    if (width > 24) this.#write(Math.floor(value / twoTo24) % twoTo24, Math.min(width - 24, 24))
    this.#write(value % twoTo24, Math.min(width, 24))
  }

  end() {
    if (this.#pendingBits > 0) this.#write(0, 8 - this.#pendingBits)
  }

  /** At most 24 bits. */
  #write(value: number, width: number) {
    const out = this.#out
    const pending = (this.#pending << width) | value
    let bits = this.#pendingBits + width
    while (bits >= 8) {
      bits -= 8
      out.bytes[out.length++] = pending >>> bits
    }
    this.#pending = pending
    this.#pendingBits = bits
  }
}

/**
 * Hashes of 64 bits, as Bloom filters of ORC take them: Murmur3 of bytes (its own variant of 64 bits, with the seed 104729), and
 * Thomas Wang's mix of integers. Both by halves of 32 bits, since bigints take some twenty times as long.
 */

/** A number of 64 bits by its halves, each as an int32. */
export interface Halves {
  readonly lower: number
  readonly upper: number
}

const seed = 104729
const c1: Halves = { lower: 0x114253d5, upper: 0x87c37b91 }
const c2: Halves = { lower: 0x2745937f, upper: 0x4cf5ad43 }
const five: Halves = { lower: 5, upper: 0 }
const addend: Halves = { lower: 0x52dce729, upper: 0 }
const mix1: Halves = { lower: 0xed558ccd, upper: 0xff51afd7 }
const mix2: Halves = { lower: 0x1a85ec53, upper: 0xc4ceb9fe }

/** Of `bytes[start, end)`. */
export function murmur3(bytes: Uint8Array, start: number, end: number): Halves {
  let hash: Halves = { lower: seed, upper: 0 }
  let at = start
  for (; at + 8 <= end; at += 8) {
    hash = xor(hash, scrambled({ lower: word(bytes, at, 4), upper: word(bytes, at + 4, 4) }))
    hash = add(multiply(rotateLeft(hash, 27), five), addend)
  }
  if (at < end) {
    const lower = word(bytes, at, Math.min(4, end - at))
    const upper = word(bytes, at + 4, Math.max(0, end - at - 4))
    hash = xor(hash, scrambled({ lower, upper }))
  }
  hash = { lower: hash.lower ^ (end - start), upper: hash.upper }
  hash = multiply(xorUpperBits(hash), mix1)
  hash = multiply(xorUpperBits(hash), mix2)
  return xorUpperBits(hash)
}

/** Of an integer of 64 bits. */
export function wangMix(integer: Halves): Halves {
  const inverted: Halves = { lower: ~integer.lower, upper: ~integer.upper }
  let key = add(inverted, shiftLeft(integer, 21))
  key = xor(key, shiftRight(key, 24))
  key = add(add(key, shiftLeft(key, 3)), shiftLeft(key, 8))
  key = xor(key, shiftRight(key, 14))
  key = add(add(key, shiftLeft(key, 2)), shiftLeft(key, 4))
  key = xor(key, shiftRight(key, 28))
  return add(key, shiftLeft(key, 31))
}

function scrambled(block: Halves): Halves {
  return multiply(rotateLeft(multiply(block, c1), 31), c2)
}

/** So many bytes, little-endian. */
function word(bytes: Uint8Array, at: number, count: number): number {
  let result = 0
  for (let index = 0; index < count; index++) result |= (bytes[at + index] ?? 0) << (8 * index)
  return result
}

/** The upper 31 bits, after the lower 33 of them are gone, over the lower ones. */
function xorUpperBits({ lower, upper }: Halves): Halves {
  return { lower: lower ^ (upper >>> 1), upper }
}

function xor(one: Halves, other: Halves): Halves {
  return { lower: one.lower ^ other.lower, upper: one.upper ^ other.upper }
}

function add(one: Halves, other: Halves): Halves {
  const lower = (one.lower >>> 0) + (other.lower >>> 0)
  const carry = lower > 0xffffffff ? 1 : 0
  return { lower: lower | 0, upper: (one.upper + other.upper + carry) | 0 }
}

function multiply(one: Halves, other: Halves): Halves {
  const crosswise = Math.imul(one.lower, other.upper) + Math.imul(one.upper, other.lower)
  return {
    lower: Math.imul(one.lower, other.lower),
    upper: (upperOfProduct(one.lower, other.lower) + crosswise) | 0,
  }
}

/** The upper 32 bits of the product of two uint32. */
function upperOfProduct(one: number, other: number): number {
  const oneLower = one & 0xffff
  const oneUpper = one >>> 16
  const otherLower = other & 0xffff
  const otherUpper = other >>> 16
  const middle = oneUpper * otherLower + (((oneLower * otherLower) / 0x10000) | 0)
  const carried = oneLower * otherUpper + (middle % 0x10000)
  return oneUpper * otherUpper + Math.floor(middle / 0x10000) + Math.floor(carried / 0x10000)
}

/** By 1 to 31 bits, as are all below. */
function rotateLeft({ lower, upper }: Halves, bits: number): Halves {
  return {
    lower: (lower << bits) | (upper >>> (32 - bits)),
    upper: (upper << bits) | (lower >>> (32 - bits)),
  }
}

function shiftLeft({ lower, upper }: Halves, bits: number): Halves {
  return { lower: lower << bits, upper: (upper << bits) | (lower >>> (32 - bits)) }
}

/** The sign comes in from above. */
function shiftRight({ lower, upper }: Halves, bits: number): Halves {
  return { lower: (lower >>> bits) | (upper << (32 - bits)), upper: upper >> bits }
}

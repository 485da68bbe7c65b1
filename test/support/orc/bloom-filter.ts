/** Holds the Bloom filter of a row group against the values in it: each bit that is set must come from one of them, and none be missing. */
import type { HiveType } from "../../../src/formats/columns/index.ts"
import type { Entry } from "./column.ts"
import { decimalText } from "./decimal-text.ts"
import type { Message } from "./message.ts"
import type { bloomFilter } from "./orc-messages.ts"
import type { LeafValue } from "./orc-value.ts"

export function checkBloomFilter(
  what: string,
  type: HiveType,
  filter: Message<typeof bloomFilter>,
  entries: readonly Entry[],
) {
  const hashCount = filter.number("hashCount")
  const stored = filter.has("bytes")
    ? filter.bytes("bytes")
    : Buffer.from(new BigUint64Array(filter.words("words")).buffer)
  if (hashCount < 1 || stored.length === 0 || stored.length % 8 !== 0) {
    throw new Error(`${what} has ${hashCount} hash functions and ${stored.length} bytes`)
  }
  const expected = new Uint8Array(stored.length)
  for (const value of entries) {
    // Nothing of booleans is put into their filters.
    if (value === null || typeof value === "boolean") continue
    for (const bit of bitsOf(hashOf(type, value), hashCount, 8 * expected.length)) {
      if (((stored[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0)
        throw new Error(`${what} does not hold ${described(value)}`)
      expected[bit >> 3] = (expected[bit >> 3] ?? 0) | (1 << (bit & 7))
    }
  }
  if (Buffer.compare(stored, expected) !== 0) throw new Error(`${what} has bits of no value`)
}

function described(value: LeafValue): string {
  return typeof value === "object" ? Object.values(value).join(" ") : `${value}`
}

/** Of a value's hash, the lower and the upper 32 bits, signed. */
type Hash = readonly [lower: number, upper: number]

function bitsOf([lower, upper]: Hash, hashCount: number, bitCount: number): readonly number[] {
  return Array.from({ length: hashCount }, (_, index) => {
    const combined = (lower + Math.imul(index + 1, upper)) | 0
    return (combined < 0 ? ~combined : combined) % bitCount
  })
}

// Each branch has a hash of its own: V8 of Node 20 ends the process where its compiler meets 64-bit integers that come from several.
function hashOf(type: HiveType, value: Exclude<LeafValue, boolean>): Hash {
  if (value instanceof Uint8Array) return bytesHash(value)
  if (typeof value === "string") return bytesHash(Buffer.from(value))
  if (typeof value === "bigint") return integerHash(value)
  if (typeof value === "number") {
    return type.kind === "float" || type.kind === "double" ? doubleHash(value) : integerHash(BigInt(value))
  }
  if ("unscaled" in value) return bytesHash(Buffer.from(decimalText(value)))
  return integerHash(BigInt(value.seconds) * 1000n + BigInt(Math.floor(value.nanoseconds / 1_000_000)))
}

function doubleHash(value: number): Hash {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  return integerHash((BigInt(view.getInt32(0)) << 32n) | BigInt(view.getUint32(4)))
}

/** Thomas Wang's hash of a 64-bit integer, with shifts that keep the sign. */
function integerHash(key: bigint): Hash {
  const signed = (value: bigint) => BigInt.asIntN(64, value)
  let hash = signed(~key + (key << 21n))
  hash ^= hash >> 24n
  hash = signed(hash * 265n)
  hash ^= hash >> 14n
  hash = signed(hash * 21n)
  hash ^= hash >> 28n
  return halves(signed(hash + (hash << 31n)))
}

function halves(hash: bigint): Hash {
  return [Number(hash & 0xffff_ffffn) | 0, Number((hash >> 32n) & 0xffff_ffffn) | 0]
}

/** The 64-bit form of Murmur3 that Hive made, with its seed. */
function bytesHash(bytes: Uint8Array): Hash {
  const unsigned = (value: bigint) => BigInt.asUintN(64, value)
  const rotated = (value: bigint, count: bigint) => unsigned((value << count) | (value >> (64n - count)))
  const mixed = (word: bigint) => unsigned(rotated(unsigned(word * 0x87c37b91114253d5n), 31n) * 0x4cf5ad432745937fn)
  let hash = 104_729n
  for (let at = 0; at < bytes.length; at += 8) {
    const part = bytes.subarray(at, at + 8)
    const word = part.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    hash ^= mixed(word)
    if (part.length === 8) hash = unsigned(rotated(hash, 27n) * 5n + 0x52dce729n)
  }
  hash ^= BigInt(bytes.length)
  hash = unsigned((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn)
  hash = unsigned((hash ^ (hash >> 33n)) * 0xc4ceb9fe1a85ec53n)
  return halves(hash ^ (hash >> 33n))
}

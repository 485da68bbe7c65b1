import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { type Halves, murmur3, wangMix } from "./hash64.ts"

const wide = ({ lower, upper }: Halves) => (BigInt(upper >>> 0) << 32n) | BigInt(lower >>> 0)
const halves = (value: bigint): Halves => ({
  lower: Number(BigInt.asIntN(32, value)),
  upper: Number(BigInt.asIntN(32, value >> 32n)),
})

// The same, plainly.

const u64 = (value: bigint) => BigInt.asUintN(64, value)
const rotateLeft = (value: bigint, bits: bigint) => u64((value << bits) | (value >> (64n - bits)))

function plainMurmur3(bytes: Uint8Array): bigint {
  const scrambled = (block: bigint) => u64(rotateLeft(u64(block * 0x87c37b91114253d5n), 31n) * 0x4cf5ad432745937fn)
  const block = (at: number) => bytes.slice(at, at + 8).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  const wholeEnd = bytes.length - (bytes.length % 8)
  let hash = 104729n
  for (let at = 0; at < wholeEnd; at += 8) {
    hash = u64(rotateLeft(hash ^ scrambled(block(at)), 27n) * 5n + 0x52dce729n)
  }
  if (wholeEnd < bytes.length) hash ^= scrambled(block(wholeEnd))
  hash ^= BigInt(bytes.length)
  hash = u64((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn)
  hash = u64((hash ^ (hash >> 33n)) * 0xc4ceb9fe1a85ec53n)
  return hash ^ (hash >> 33n)
}

function plainWangMix(integer: bigint): bigint {
  const s64 = (value: bigint) => BigInt.asIntN(64, value)
  let key = s64(~integer + (integer << 21n))
  key = key ^ (key >> 24n)
  key = s64(key + (key << 3n) + (key << 8n))
  key = key ^ (key >> 14n)
  key = s64(key + (key << 2n) + (key << 4n))
  key = key ^ (key >> 28n)
  return u64(key + (key << 31n))
}

test("Murmur3 by halves is that by bigints", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const amid = Buffer.concat([Buffer.from("before"), bytes, Buffer.from("behind")])
      assert.equal(wide(murmur3(amid, 6, 6 + bytes.length)), plainMurmur3(bytes))
    }),
  )
})

test("Wang's mix by halves is that by bigints", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (integer) => {
      assert.equal(wide(wangMix(halves(integer))), plainWangMix(integer))
    }),
  )
})

/**
 * Bloom filters: for a row group of a column, bits of which each value sets some. A reader that looks for a value whose bits are not
 * all set need not read the group. Filters, hashes and sizes are those of Apache's writers.
 */
import { Buffer } from "node:buffer"
import type { HiveType, Values } from "../columns/index.ts"
import { decimalText } from "./decimals.ts"
import { type Halves, murmur3, wangMix } from "./hash64.ts"
import type { OrcOptions } from "./options.ts"
import { timestampMilliseconds } from "./timestamps.ts"

export interface BloomFilter {
  /** Bits that each value sets. */
  readonly hashCount: number
  readonly bits: Uint8Array
}

/** Below it a filter would take more than its values. */
const falsePositiveProbabilityMin = 1e-9

const twoTo32 = 2 ** 32

/** Whether there are filters for values of this type. */
export function hasBloomFilter({ kind }: HiveType): boolean {
  return kind !== "boolean" && kind !== "array" && kind !== "map" && kind !== "struct"
}

/** The filter of `values[from, to)`, which are of this type. */
export function bloomFilter(
  type: HiveType,
  values: Values,
  { from, to, options }: { readonly from: number; readonly to: number; readonly options: OrcOptions },
): BloomFilter {
  const filter = emptyFilter(options.rowIndexStride, options.bloomFilterFalsePositiveProbability)
  switch (values.kind) {
    case "integer":
      for (let at = from; at < to; at++) add(filter, hashOfInteger(values.values[at] ?? 0))
      break
    case "long":
      for (let at = from; at < to; at++) add(filter, hashOfLong(values.words, at))
      break
    case "float":
    case "double":
      // Floats too are taken as doubles.
      addDoubles(filter, new Float64Array(values.values.subarray(from, to)))
      break
    case "timestamp":
      for (const milliseconds of timestampMilliseconds(values, from, to)) add(filter, hashOfInteger(milliseconds))
      break
    case "decimal":
      for (let at = from; at < to; at++) {
        const scale = type.kind === "decimal" ? type.scale : 0
        const text = Buffer.from(decimalText(values.at(at), scale))
        add(filter, murmur3(text, 0, text.length))
      }
      break
    case "text": {
      const { bytes, starts } = values
      for (let at = from; at < to; at++) add(filter, murmur3(bytes, starts[at] ?? 0, starts[at + 1] ?? 0))
      break
    }
    case "boolean":
    case "list":
    case "map":
    case "struct":
      break
  }
  return filter
}

function emptyFilter(valueCount: number, falsePositiveProbability: number): BloomFilter {
  const probability = Math.max(falsePositiveProbabilityMin, falsePositiveProbability)
  const best = Math.trunc((-valueCount * Math.log(probability)) / (Math.LN2 * Math.LN2))
  const bitCount = best + 64 - (best % 64)
  const hashCount = Math.max(1, Math.round((bitCount / valueCount) * Math.LN2))
  return { hashCount, bits: new Uint8Array(bitCount / 8) }
}

function add({ hashCount, bits }: BloomFilter, hash: Halves) {
  const bitCount = 8 * bits.length
  for (let count = 1; count <= hashCount; count++) {
    const combined = (hash.lower + Math.imul(count, hash.upper)) | 0
    const bit = (combined < 0 ? ~combined : combined) % bitCount
    bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7))
  }
}

function hashOfInteger(integer: number): Halves {
  return wangMix({ lower: integer | 0, upper: Math.floor(integer / twoTo32) | 0 })
}

function hashOfLong(words: Uint32Array, at: number): Halves {
  return wangMix({ lower: (words[2 * at] ?? 0) | 0, upper: (words[2 * at + 1] ?? 0) | 0 })
}

/** By their bits, of which NaN always has the same here: doubles of JSON have no other. */
function addDoubles(filter: BloomFilter, doubles: Float64Array) {
  const words = new Uint32Array(doubles.buffer)
  for (let at = 0; at < doubles.length; at++) add(filter, hashOfLong(words, at))
}

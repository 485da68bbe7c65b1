/** The distinct values of a column, and for each value which of them it is. */
import { areEqual, hashOf, viewOf } from "../columns/index.ts"
import type { FixedBytes, VariableBytes } from "./physical-values.ts"

export interface Dictionary {
  /** In the order in which they first came. */
  readonly distinct: FixedBytes | VariableBytes
  /** For each value of the column its index among those. */
  readonly indexes: Uint32Array
}

/**
 * Steps in the table to find a value, from which on the column gets no dictionary. With random values there are far fewer; values
 * that were chosen to collide could make each search as long as the table.
 */
const stepsMax = 256

/** Of so many first values, at most half may be distinct: as with parquet-mr, columns that hardly repeat get no dictionary. */
const sampleValues = 16_384

/** Undefined when there is none, as when its values would take more than `bytesMax` as PLAIN has them. */
export function buildDictionary(values: FixedBytes | VariableBytes, bytesMax: number): Dictionary | undefined {
  const { bytes, count } = values
  const view = viewOf(bytes)
  const starts = values.type === "BYTE_ARRAY" ? values.starts : undefined
  const widthBytes = values.type === "BYTE_ARRAY" ? 0 : values.widthBytes
  const indexes = new Uint32Array(count)
  /** By index in the dictionary: where the value begins and ends, and its hash. */
  let distinct = new Uint32Array(3 * 1024)
  let distinctCount = 0
  let distinctBytes = 0
  /** Open addressing: an index in the dictionary plus 1, or 0. At most half full. */
  let table = new Uint32Array(4096)
  let end = starts?.[0] ?? 0
  for (let index = 0; index < count; index++) {
    if (index === sampleValues && 2 * distinctCount > sampleValues) return undefined
    const start = end
    end = starts === undefined ? start + widthBytes : (starts[index + 1] ?? 0)
    const hash = hashOf(view, start, end)
    let place = hash & (table.length - 1)
    let steps = 0
    for (;;) {
      const entry = table[place] ?? 0
      if (entry === 0) {
        distinctBytes += end - start + (starts === undefined ? 0 : 4)
        if (distinctBytes > bytesMax) return undefined
        if (3 * distinctCount === distinct.length) distinct = doubled(distinct)
        distinct[3 * distinctCount] = start
        distinct[3 * distinctCount + 1] = end
        distinct[3 * distinctCount + 2] = hash
        indexes[index] = distinctCount++
        table[place] = distinctCount
        if (2 * distinctCount > table.length) table = rehashed(distinct, distinctCount, 2 * table.length)
        break
      }
      const at = 3 * (entry - 1)
      const candidate = distinct[at] ?? 0
      const isAsLong = (distinct[at + 1] ?? 0) - candidate === end - start
      if (distinct[at + 2] === hash && isAsLong && areEqual(view, start, candidate, end - start)) {
        indexes[index] = entry - 1
        break
      }
      if (++steps === stepsMax) return undefined
      place = (place + 1) & (table.length - 1)
    }
  }
  return { distinct: gathered(values, distinct, distinctCount), indexes }
}

function doubled(memory: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * memory.length)
  larger.set(memory)
  return larger
}

function rehashed(distinct: Uint32Array, distinctCount: number, length: number): Uint32Array<ArrayBuffer> {
  const table = new Uint32Array(length)
  for (let entry = 0; entry < distinctCount; entry++) {
    let place = (distinct[3 * entry + 2] ?? 0) & (length - 1)
    while (table[place] !== 0) place = (place + 1) & (length - 1)
    table[place] = entry + 1
  }
  return table
}

function gathered<V extends FixedBytes | VariableBytes>(values: V, distinct: Uint32Array, distinctCount: number): V {
  const starts = new Uint32Array(distinctCount + 1)
  for (let entry = 0; entry < distinctCount; entry++) {
    starts[entry + 1] = (starts[entry] ?? 0) + (distinct[3 * entry + 1] ?? 0) - (distinct[3 * entry] ?? 0)
  }
  const bytes = new Uint8Array(starts[distinctCount] ?? 0)
  for (let entry = 0; entry < distinctCount; entry++) {
    bytes.set(values.bytes.subarray(distinct[3 * entry], distinct[3 * entry + 1]), starts[entry])
  }
  return { ...values, count: distinctCount, bytes, ...("starts" in values ? { starts } : {}) }
}

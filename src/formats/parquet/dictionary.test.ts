import assert from "node:assert/strict"
import { test } from "node:test"
import { hashOf } from "../columns/index.ts"
import { buildDictionary } from "./dictionary.ts"
import type { FixedBytes, VariableBytes } from "./physical-values.ts"

const bytesMax = 1024 * 1024

function ints(values: readonly number[]): FixedBytes {
  return { type: "INT32", count: values.length, widthBytes: 4, bytes: new Uint8Array(Int32Array.from(values).buffer) }
}

function texts(values: readonly string[]): VariableBytes {
  const starts = new Uint32Array(values.length + 1)
  for (const [index, value] of values.entries()) starts[index + 1] = (starts[index] ?? 0) + value.length
  return { type: "BYTE_ARRAY", count: values.length, bytes: Buffer.from(values.join("")), starts }
}

test("A dictionary has each value once, in the order in which they first came", () => {
  const values = texts(["b", "", "abcde", "b", "abcd", "", "abcde"])
  const dictionary = buildDictionary(values, bytesMax)
  assert.ok(dictionary?.distinct.type === "BYTE_ARRAY")
  assert.deepEqual([...dictionary.indexes], [0, 1, 2, 0, 3, 1, 2])
  assert.equal(Buffer.from(dictionary.distinct.bytes).toString(), "babcdeabcd")
  assert.deepEqual([...dictionary.distinct.starts], [0, 1, 1, 6, 10])
  assert.equal(dictionary.distinct.count, 4)
})

test("Values are found again when there are many", () => {
  const values = Array.from({ length: 60_000 }, (_, index) => Math.imul(index % 6000, 0x01000001))
  const dictionary = buildDictionary(ints(values), bytesMax)
  assert.ok(dictionary)
  assert.deepEqual([...new Int32Array(dictionary.distinct.bytes.buffer)], values.slice(0, 6000))
  assert.deepEqual(
    [...dictionary.indexes],
    Array.from(values, (_, index) => index % 6000),
  )
})

test("Values that have the same hash are told apart", () => {
  const byHash = new Map<number, string>()
  const text = (index: number) => Math.imul(index, 0x9e3779b1).toString(36)
  const hashAt = (index: number) => {
    const bytes = Buffer.from(text(index))
    return hashOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.length)
  }
  let index = 0
  for (; !byHash.has(hashAt(index)); index++) byHash.set(hashAt(index), text(index))
  const pair = [byHash.get(hashAt(index)) ?? "", text(index)]
  assert.notEqual(pair[0], pair[1])
  assert.deepEqual([...(buildDictionary(texts(pair), bytesMax)?.indexes ?? [])], [0, 1])
})

test("There is no dictionary that would be too large, texts with their lengths", () => {
  assert.ok(buildDictionary(ints([1, 2, 1]), 8))
  assert.equal(buildDictionary(ints([1, 2, 3]), 8), undefined)
  assert.ok(buildDictionary(texts(["ab", "c"]), 11))
  assert.equal(buildDictionary(texts(["ab", "c"]), 10), undefined)
})

test("There is no dictionary of values that hardly repeat at first", () => {
  const repeating = (distinctCount: number) => Array.from({ length: 40_000 }, (_, index) => index % distinctCount)
  assert.ok(buildDictionary(ints(repeating(8000)), bytesMax))
  assert.equal(buildDictionary(ints(repeating(9000)), bytesMax), undefined)
})

test("There is no dictionary of values that were chosen to collide", () => {
  const view = new DataView(new ArrayBuffer(4))
  const colliding: number[] = []
  for (let value = 0; colliding.length < 300; value++) {
    view.setInt32(0, value, true)
    if ((hashOf(view, 0, 4) & 0xfff) === 0) colliding.push(value)
  }
  assert.ok(buildDictionary(ints(colliding.slice(0, 200)), bytesMax))
  assert.equal(buildDictionary(ints(colliding), bytesMax), undefined)
})

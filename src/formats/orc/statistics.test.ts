import assert from "node:assert/strict"
import { test } from "node:test"
import { DoubleValues, type HiveType, LongValues, TextValues, type Values } from "../columns/index.ts"
import { type ColumnStatistics, collectStatistics, mergeStatistics } from "./statistics.ts"

const all = (type: HiveType, values: Values, from = 0, to = values.valueCount): ColumnStatistics =>
  collectStatistics(type, values, { from, to, hasNull: false })

/** Those of all values, which are to be the same when each is a part of its own. */
function both(type: HiveType, values: Values): ColumnStatistics {
  const whole = all(type, values)
  const parts = Array.from({ length: values.valueCount }, (_, index) => all(type, values, index, index + 1))
  assert.deepEqual(mergeStatistics(type, [...parts, all(type, values, 0, 0)]), whole)
  return whole
}

test("Integers of 64 bits are exact, and so is a sum that has more", () => {
  const longs = new LongValues()
  for (const value of [2n ** 63n - 1n, 2n ** 63n - 2n, -3n, 2n ** 63n - 3n]) longs.appendBigInt(value)
  const { range, sum } = both({ kind: "bigint" }, longs)
  assert.deepEqual(range, { minimum: "-3", maximum: `${2n ** 63n - 1n}` })
  assert.equal(sum, `${3n * 2n ** 63n - 9n}`)
})

test("Doubles with a NaN have no range; with infinities they do", () => {
  const type: HiveType = { kind: "double" }
  const doubles = new DoubleValues()
  for (const value of [1, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) doubles.append(value)
  const infinite = both(type, doubles)
  assert.deepEqual([infinite.range, infinite.sum], [{ minimum: "-Infinity", maximum: "Infinity" }, "NaN"])
  doubles.append(Number.NaN)
  assert.deepEqual([both(type, doubles).range, both(type, doubles).sum], [null, "NaN"])
})

test("Texts are in the order of their bytes", () => {
  const texts = new TextValues()
  // As UTF-16 the last one, a pair of surrogates, would be before the one before it.
  for (const text of ["b", "", "ab", "\u{ffff}", "\u{10000}"]) texts.appendString(text)
  assert.deepEqual(both({ kind: "string" }, texts).range, { minimum: "", maximum: "\u{10000}" })
  assert.deepEqual(both({ kind: "binary" }, texts).range, null)
  assert.equal(both({ kind: "binary" }, texts).sum, "10")
})

test("Of long texts the beginning is kept, without a code point that is cut", () => {
  const texts = new TextValues()
  texts.appendString(`${"a".repeat(1026)}ü😀`)
  const { range } = both({ kind: "string" }, texts)
  assert.equal(range?.minimum, `${"a".repeat(1026)}ü`)
})

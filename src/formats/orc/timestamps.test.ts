import assert from "node:assert/strict"
import { test } from "node:test"
import { TimestampValues } from "../columns/index.ts"
import { defaults } from "./testing.ts"
import { timestampMilliseconds, timestampStreams } from "./timestamps.ts"

const epoch = Date.UTC(2015, 0, 1) / 1000

function one(second: number, nanosecond: number) {
  const timestamps = new TimestampValues()
  timestamps.append(second, nanosecond)
  const streams = timestampStreams(timestamps, [0, 1], { ...defaults, formatVersion: "V0_11" })
  const [data, secondary] = streams.map(({ bytes }) => readVarint(bytes))
  const [milliseconds] = timestampMilliseconds(timestamps, 0, 1)
  return { data: data === undefined ? undefined : data / 2, secondary, milliseconds }
}

/** The one literal of a stream of the first version: behind its length. */
function readVarint(bytes: Uint8Array): number {
  const [length, ...digits] = bytes
  assert.equal(length, 0xff)
  return digits.reduceRight((upper, digit) => upper * 128 + (digit & 0x7f), 0)
}

test("Seconds count from 2015", () => {
  assert.deepEqual(one(epoch + 5, 0), { data: 5, secondary: 0, milliseconds: 1000 * (epoch + 5) })
})

test("Zeros at the end of nanoseconds are counted, from two of them on", () => {
  const secondary = (nanosecond: number) => one(epoch, nanosecond).secondary
  // The specification's examples are the first two.
  assert.deepEqual([1000, 100_000].map(secondary), [0x0a, 0x0c])
  assert.deepEqual([1, 10, 100, 999_999_999].map(secondary), [8, 80, 9, 8 * 999_999_999])
  assert.deepEqual([120_000_000, 100_000_000].map(secondary), [12 * 8 + 6, 8 + 7])
})

test("Before 1970 a second with milliseconds is rounded up, which readers undo", () => {
  // Zigzag makes odd numbers of negative ones: -n is (2n - 1) / 2.
  const seconds = (second: number, nanosecond: number) => {
    const { data } = one(second, nanosecond)
    assert.ok(data !== undefined)
    return -(data + 0.5) + epoch
  }
  assert.equal(seconds(-5, 0), -5)
  assert.equal(seconds(-5, 999_999), -5)
  assert.equal(seconds(-5, 1_000_000), -4)
  assert.equal(seconds(3, 1_000_000), 3)
})

test("The last milliseconds before 1970 are told as readers see them", () => {
  assert.equal(one(-1, 0).milliseconds, -1000)
  assert.equal(one(-1, 999_999).milliseconds, -1000)
  assert.equal(one(-1, 250_000_000).milliseconds, 250)
  assert.equal(one(-2, 250_000_000).milliseconds, -1750)
})

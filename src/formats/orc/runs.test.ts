import assert from "node:assert/strict"
import { test } from "node:test"
import { LongValues } from "../columns/index.ts"
import { writeByteRuns } from "./byte-runs.ts"
import { GrowingBytes } from "./growing-bytes.ts"
import { type IntegerEncoding, type Integers, writeIntegers } from "./integers.ts"
import { booleanStream } from "./streams.ts"

function bytes(...values: readonly number[]): string {
  const out = new GrowingBytes()
  writeByteRuns(out, Uint8Array.from(values), 0, values.length)
  return Buffer.from(out.written).toString("hex")
}

function integers(values: Integers, count: number, encoding: IntegerEncoding): string {
  const out = new GrowingBytes()
  writeIntegers(out, values, 0, count, encoding)
  return Buffer.from(out.written).toString("hex")
}

const v1 = (...values: readonly number[]) =>
  integers(Float64Array.from(values), values.length, { isSigned: false, formatVersion: "V0_11" })
const v2 = (...values: readonly number[]) =>
  integers(Float64Array.from(values), values.length, { isSigned: false, formatVersion: "V0_12" })
const signedV2 = (...values: readonly number[]) =>
  integers(Float64Array.from(values), values.length, { isSigned: true, formatVersion: "V0_12" })

function wide(values: readonly bigint[], formatVersion: IntegerEncoding["formatVersion"]): string {
  const longs = new LongValues()
  for (const value of values) longs.appendBigInt(value)
  return integers(longs, values.length, { isSigned: true, formatVersion })
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

// The examples of the specification of ORC, and where runs of each kind end.

test("Bytes are runs, or literals", () => {
  assert.equal(bytes(...times(100, 0)), "6100")
  assert.equal(bytes(0x44, 0x45), "fe4445")
  assert.equal(bytes(1, 1, 2, 2, 2), "fe01010002")
  assert.equal(bytes(...times(131, 7)), "7f07ff07")
  assert.equal(bytes(...upTo(129)), `80${Buffer.from(upTo(128)).toString("hex")}ff80`)
  assert.equal(bytes(), "")
})

test("Booleans are bits of bytes, and groups begin within one", () => {
  const values = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0])
  assert.equal(Buffer.from(booleanStream(values, [0, 8]).bytes).toString("hex"), "ff80")
  const { bytes: written, marks } = booleanStream(Uint8Array.from([...times(24, 1), 0, 1]), [0, 3, 5, 24, 26, 26])
  assert.equal(Buffer.from(written).toString("hex"), "00ffff40")
  assert.deepEqual(marks, [
    { byteOffset: 0, skip: [0, 0] },
    { byteOffset: 0, skip: [0, 3] },
    { byteOffset: 0, skip: [0, 5] },
    { byteOffset: 2, skip: [0, 0] },
    { byteOffset: 2, skip: [0, 2] },
  ])
})

test("Integers of the first version are runs with a step, or literals", () => {
  assert.equal(v1(...times(100, 7)), "610007")
  assert.equal(v1(...upTo(100).map((index) => 100 - index)), "61ff64")
  assert.equal(v1(2, 3, 6, 7, 11), "fb020306070b")
  assert.equal(v1(1000), "ffe807")
  // A step of more than a byte is none.
  assert.equal(v1(0, 128, 256, 384), "fc00800180028003")
  assert.equal(v1(0, 127, 254), "007f00")
})

test("Integers of the second version: the same some times is a short repeat", () => {
  assert.equal(v2(...times(5, 10000)), "0a2710")
  assert.equal(v2(0, 0, 0), "0000")
  assert.equal(v2(...times(10, 1)), "0701")
  assert.equal(signedV2(...times(3, -1)), "0001")
  // More often it is a delta of nothing.
  assert.equal(v2(...times(11, 1)), "c00a0100")
  assert.equal(v2(...times(512, 1)), "c1ff0100")
})

test("Integers of the second version: what is not alike is direct", () => {
  assert.equal(v2(23713, 43806, 57005, 48879), "5e035ca1ab1edeadbeef")
  assert.equal(signedV2(1, -1), "420190")
  assert.equal(v2(1), "400080")
})

test("Integers of the second version: few large ones are patches", () => {
  const large = [2030, 2000, 2020, 1000000, 2040, 2050, 2060, 2070, 2080, 2090]
  const others = [2100, 2110, 2120, 2130, 2140, 2150, 2160, 2170, 2180, 2190]
  const expected = "8e132b2107d01e00147028323c46505a646e78828c96a0aab4befce8"
  assert.equal(v2(...large, ...others), expected)
})

test("Integers of the second version: what rises or falls are deltas", () => {
  // The specification's example has four bits for each delta; three do.
  assert.equal(v2(2, 3, 5, 7, 11, 13, 17, 19, 23, 29), "c40902024a28a6")
  assert.equal(v2(...upTo(512)), "c1ff0002")
  assert.equal(signedV2(...upTo(4).map((index) => 10 - 3 * index)), "c0031405")
})

test("Integers that no double holds are exact", () => {
  const extremes = [2n ** 63n - 1n, -(2n ** 63n)]
  assert.equal(wide(extremes, "V0_12"), "7e01fffffffffffffffeffffffffffffffff")
  assert.equal(wide(extremes, "V0_11"), "fefeffffffffffffffff01ffffffffffffffffff01")
  // Base 2^60, then 1 more, and 3 more.
  assert.equal(wide([2n ** 60n, 2n ** 60n + 1n, 2n ** 60n + 4n], "V0_12"), "c20280808080808080802002c0")
  assert.equal(wide(times(4, -(2n ** 60n)), "V0_12"), "c003ffffffffffffffff1f00")
})

/** Golden pairs: values, and their bytes by the format's own examples or worked out by hand. */
import assert from "node:assert/strict"
import { test } from "node:test"
import { ByteWriter } from "./byte-writer.ts"
import { writeDeltaBinaryPacked } from "./delta-binary-packed.ts"
import { writeDeltaByteArray } from "./delta-byte-array.ts"
import { writePlain } from "./plain.ts"
import { bitWidthOf, writeRunLengths } from "./run-length.ts"
import { binary, boolean, i8, i32, i64, list, struct, text, thriftBytes } from "./thrift.ts"

function hexOf(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter()
  write(writer)
  return Buffer.from(writer.written).toString("hex")
}

const repeated = (value: number, count: number) => Array.from({ length: count }, () => value)

test("Runs are repeated or packed", () => {
  const pairs: readonly (readonly [readonly number[], number, string])[] = [
    [[], 3, ""],
    // The format's example of bit-packing.
    [[0, 1, 2, 3, 4, 5, 6, 7], 3, "03" + "88c6fa"],
    // Its example of a repeated run: 50 times 4.
    [repeated(4, 50), 3, "64" + "04"],
    [repeated(1, 100), 1, "c801" + "01"],
    [repeated(300, 9), 9, "12" + "2c01"],
    // At the end zeros fill up eight.
    [[1, 0, 1], 1, "03" + "05"],
    // The run fills up the packed values before it.
    [[1, 0, ...repeated(1, 16)], 1, "03" + "fd" + "14" + "01"],
    // What is left of it is too short then.
    [[1, 0, ...repeated(1, 13)], 1, "05" + "fd7f"],
    [[...repeated(1, 8), 0, ...repeated(1, 8)], 1, "1001" + "05" + "fe01"],
  ]
  for (const [values, bitWidth, hex] of pairs) {
    const bytes = Uint32Array.from(values)
    assert.equal(
      hexOf((writer) => writeRunLengths(bytes, 0, bytes.length, bitWidth, writer)),
      hex,
      String(values),
    )
  }
})

test("A part of the values is written as if there were no others", () => {
  const values = Uint8Array.of(7, 7, 1, 2, 3, 4, 5, 6, 7, 0, 7, 7)
  const part = values.slice(2, 10)
  assert.equal(
    hexOf((writer) => writeRunLengths(values, 2, 10, 3, writer)),
    hexOf((writer) => writeRunLengths(part, 0, 8, 3, writer)),
  )
})

test("Bits are enough for the greatest number, and never none", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 255, 256].map(bitWidthOf), [1, 1, 2, 2, 3, 8, 9])
})

test("Integers are packed as their distances", () => {
  const header = "80" + "01" + "04"
  const pairs: readonly (readonly [readonly bigint[], string])[] = [
    [[], `${header}00${"00"}`],
    [[-3n], `${header}01${"05"}`],
    // Both are the format's examples.
    [[1n, 2n, 3n, 4n, 5n], `${header}05${"02"}02${"00000000"}`],
    [[7n, 5n, 3n, 1n, 2n, 3n, 4n, 5n], `${header}08${"0e"}03${"02000000"}c03f${"00".repeat(6)}`],
  ]
  for (const [values, hex] of pairs) {
    const longs = new Uint32Array(BigInt64Array.from(values).buffer)
    const ints = new Uint32Array(Int32Array.from(values, Number).buffer)
    assert.equal(
      hexOf((writer) => writeDeltaBinaryPacked(longs, 2, 0, values.length, writer)),
      hex,
    )
    assert.equal(
      hexOf((writer) => writeDeltaBinaryPacked(ints, 1, 0, values.length, writer)),
      hex,
    )
  }
})

test("Distances wrap around where values do", () => {
  const ints = new Uint32Array(Int32Array.of(-(2 ** 31), 2 ** 31 - 1).buffer)
  // The second is one less than the first.
  assert.equal(
    hexOf((writer) => writeDeltaBinaryPacked(ints, 1, 0, 2, writer)),
    `80010402${"ffffffff0f"}01${"00000000"}`,
  )
  const longs = new Uint32Array(BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n).buffer)
  const least = "ffffffffffffffffff01"
  assert.equal(
    hexOf((writer) => writeDeltaBinaryPacked(longs, 2, 0, 2, writer)),
    `80010402${least}01${"00000000"}`,
  )
  // Distances of 0 and -(2^63), and so 64 bits of the first less the second.
  const far = new Uint32Array(BigInt64Array.of(0n, 0n, -(2n ** 63n)).buffer)
  const packed = `${"0000000000000080"}${"00".repeat(31 * 8)}`
  assert.equal(
    hexOf((writer) => writeDeltaBinaryPacked(far, 2, 0, 3, writer)),
    `8001040300${least}${"40000000"}${packed}`,
  )
})

test("Each block of 128 distances has its own least one", () => {
  const values = Int32Array.from({ length: 130 }, (_, index) => (index < 129 ? index : 0))
  const words = new Uint32Array(values.buffer)
  const firstBlock = `02${"00000000"}`
  const secondBlock = `ff01${"00000000"}`
  assert.equal(
    hexOf((writer) => writeDeltaBinaryPacked(words, 1, 0, 130, writer)),
    `800104${"8201"}00${firstBlock}${secondBlock}`,
  )
})

test("Bytes are what they share with those before, and the rest", () => {
  // The format's example, whose values come after one that is not written.
  const words = ["axon", "axis", "axle", "babble", "babyhood"]
  const starts = Uint32Array.of(0, 4, 8, 12, 18, 26)
  const prefixes = Uint32Array.of(0, 2, 0, 3)
  const suffixes = Uint32Array.of(4, 2, 6, 5)
  const expected = hexOf((writer) => {
    writeDeltaBinaryPacked(prefixes, 1, 0, 4, writer)
    writeDeltaBinaryPacked(suffixes, 1, 0, 4, writer)
    writer.writeBytes(Buffer.from("axislebabbleyhood"))
  })
  assert.equal(
    hexOf((writer) => writeDeltaByteArray(Buffer.from(words.join("")), starts, 1, 5, writer)),
    expected,
  )
})

test("Plain values are as they are", () => {
  const booleans = { type: "BOOLEAN", count: 10, bytes: Uint8Array.of(0, 1, 0, 1, 1, 0, 0, 0, 0, 1) } as const
  assert.equal(
    hexOf((writer) => writePlain(booleans, 0, 10, writer)),
    "1a02",
  )
  assert.equal(
    hexOf((writer) => writePlain(booleans, 1, 4, writer)),
    "05",
  )
  const long = "x".repeat(60)
  const texts = {
    type: "BYTE_ARRAY",
    count: 3,
    bytes: Buffer.from(`ab${long}`),
    starts: Uint32Array.of(0, 2, 2, 62),
  } as const
  assert.equal(
    hexOf((writer) => writePlain(texts, 0, 3, writer)),
    `02000000${"6162"}00000000${"3c000000"}${Buffer.from(long).toString("hex")}`,
  )
  const ints = { type: "INT32", count: 2, widthBytes: 4, bytes: Uint8Array.of(1, 0, 0, 0, 2, 0, 0, 0) } as const
  assert.equal(
    hexOf((writer) => writePlain(ints, 1, 2, writer)),
    "02000000",
  )
})

test("Thrift's structs are compact", () => {
  const pairs = [
    [struct({}), "00"],
    [struct({ 1: i32(-1), 2: undefined, 3: i64(2 ** 40) }), "1501" + "26" + "808080808040" + "00"],
    [struct({ 1: boolean(true), 2: boolean(false), 4: i8(16) }), "11" + "12" + "2310" + "00"],
    [struct({ 16: i32(3) }), "0520" + "06" + "00"],
    [struct({ 1: text("ü"), 2: binary(Uint8Array.of(0)) }), "1802c3bc" + "180100" + "00"],
    [struct({ 1: list([i32(1), i32(2)]), 2: struct({ 1: list([]) }) }), "1925" + "0204" + "1c" + "190c" + "00" + "00"],
    [struct({ 1: list(Array.from({ length: 15 }, () => i8(1))) }), `19${"f30f"}${"01".repeat(15)}00`],
  ] as const
  for (const [value, hex] of pairs) assert.equal(Buffer.from(thriftBytes(value)).toString("hex"), hex)
})

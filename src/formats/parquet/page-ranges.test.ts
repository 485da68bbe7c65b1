import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { ByteWriter } from "./byte-writer.ts"
import type { Levels } from "./levels.ts"
import { type PageRange, pageRanges } from "./page-ranges.ts"
import { dataPage } from "./pages.ts"
import type { PhysicalValues } from "./physical-values.ts"
import { defaults } from "./testing.ts"
import { chooseEncoding } from "./value-encoding.ts"

const pageSizeBytes = 2048

/** Levels of a list in a row, in most of which some are missing. */
function randomLevels(definitions: Uint8Array, isNested: boolean): Levels {
  if (!isNested)
    return {
      definitions: definitions.map((byte) => byte & 1),
      repetitions: undefined,
      definitionMax: 1,
      repetitionMax: 0,
    }
  const repetitions = definitions.map((byte, slot) => (slot === 0 ? 0 : (byte >> 2) & 1))
  return { definitions: definitions.map((byte) => byte & 3), repetitions, definitionMax: 3, repetitionMax: 1 }
}

/** Values that encodings make no smaller, cut from random bytes. */
function randomValues(type: PhysicalValues["type"], count: number, random: Uint8Array): PhysicalValues {
  const bytes = Uint8Array.from(
    { length: count * 16 },
    (_, index) => (random[index % random.length] ?? 0) ^ (index >> 3),
  )
  switch (type) {
    case "BOOLEAN":
      return { type, count, bytes: bytes.subarray(0, count).map((byte) => byte & 1) }
    case "BYTE_ARRAY": {
      const starts = new Uint32Array(count + 1)
      for (let index = 0; index < count; index++) starts[index + 1] = (starts[index] ?? 0) + ((bytes[index] ?? 0) & 15)
      return { type, count, bytes, starts }
    }
    default: {
      const widthBytes = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8, INT96: 12, FIXED_LEN_BYTE_ARRAY: 5 }[type]
      return { type, count, widthBytes, bytes: bytes.subarray(0, count * widthBytes) }
    }
  }
}

test("Pages hold whole rows, all of them in order, and no more than their size", () => {
  const types = ["BOOLEAN", "BYTE_ARRAY", "INT32", "FLOAT", "INT64", "DOUBLE", "INT96", "FIXED_LEN_BYTE_ARRAY"] as const
  const random = fc.uint8Array({ minLength: 1, maxLength: 5000, size: "max" })
  const flags = fc.tuple(fc.boolean(), fc.boolean(), fc.constantFrom("V1" as const, "V2" as const))
  fc.assert(
    fc.property(random, fc.constantFrom(...types), flags, (bytes, type, [isNested, hasNulls, writerVersion]) => {
      const levels = randomLevels(hasNulls ? bytes : bytes.map((byte) => byte | 3), isNested)
      const valueCount = levels.definitions.filter((definition) => definition === levels.definitionMax).length
      const options = { ...defaults, compression: "UNCOMPRESSED" as const, pageSizeBytes, writerVersion }
      const { encoding } = chooseEncoding(randomValues(type, valueCount, bytes), options)
      const ranges = pageRanges(levels, valueCount, encoding, pageSizeBytes)
      const writer = new ByteWriter()
      let before: PageRange = { slotFrom: 0, slotTo: 0, valueFrom: 0, valueTo: 0, rowCount: 0 }
      for (const range of ranges) {
        assert.deepEqual([range.slotFrom, range.valueFrom], [before.slotTo, before.valueTo])
        const definitions = levels.definitions.subarray(range.slotFrom, range.slotTo)
        const repetitions = levels.repetitions?.subarray(range.slotFrom, range.slotTo)
        assert.equal(repetitions?.[0] ?? 0, 0)
        assert.equal(range.rowCount, repetitions?.filter((level) => level === 0).length ?? definitions.length)
        assert.equal(
          range.valueTo - range.valueFrom,
          definitions.filter((definition) => definition === levels.definitionMax).length,
        )
        const { plainBytes } = dataPage(range, levels, encoding, options, writer)
        assert.ok(range.rowCount === 1 || plainBytes <= pageSizeBytes, `${plainBytes} bytes`)
        before = range
      }
      assert.deepEqual([before.slotTo, before.valueTo], [levels.definitions.length, valueCount])
    }),
    { numRuns: 100 },
  )
})

test("A row that is larger than a page has one of its own", () => {
  const levels = { definitions: Uint8Array.of(1, 1, 1), repetitions: undefined, definitionMax: 1, repetitionMax: 0 }
  const values = {
    type: "BYTE_ARRAY",
    count: 3,
    bytes: new Uint8Array(9001),
    starts: Uint32Array.of(0, 5000, 5001, 9001),
  } as const
  const { encoding } = chooseEncoding(values, { ...defaults, enableDictionaryCompression: false })
  const rowCounts = pageRanges(levels, 3, encoding, pageSizeBytes).map((range) => range.rowCount)
  assert.deepEqual(rowCounts, [1, 1, 1])
})

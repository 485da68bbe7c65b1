import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { HiveType } from "../columns/index.ts"
import type { ParquetOptions } from "./index.ts"
import {
  defaults,
  fileOf,
  inDuckdb,
  inHyparquet,
  type Plain,
  readByHyparquet,
  rowType,
  startDuckdb,
} from "./testing.ts"

const plainKinds = [
  "boolean",
  "tinyint",
  "smallint",
  "int",
  "bigint",
  "float",
  "double",
  "string",
  "binary",
  "date",
  "timestamp",
] as const
const plainType: fc.Arbitrary<HiveType> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...plainKinds).map((kind) => ({ kind })) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 38 }).chain((precision) =>
      fc.record({
        kind: fc.constant("decimal" as const),
        precision: fc.constant(precision),
        scale: fc.nat(precision),
      }),
    ),
  },
)
/** Those by which maps are alike for each reader. */
const keyType: fc.Arbitrary<HiveType> = fc.constantFrom("string", "int", "bigint", "date").map((kind) => ({ kind }))

const { type: anyType } = fc.letrec<{ type: HiveType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    plainType,
    fc.record({ kind: fc.constant("array" as const), element: tie("type") }),
    fc.record({ kind: fc.constant("map" as const), key: keyType, value: tie("type") }),
    fc.array(tie("type"), { minLength: 1, maxLength: 3 }).map(structOf),
  ),
}))

function structOf(types: readonly HiveType[]) {
  return rowType(Object.fromEntries(types.map((type, index) => [`field${index}`, type])))
}

function nullable(type: HiveType): fc.Arbitrary<Plain> {
  return fc.option(anyValue(type), { nil: null, freq: 4 })
}

function anyValue(type: HiveType): fc.Arbitrary<Plain> {
  switch (type.kind) {
    case "boolean":
      return fc.boolean()
    case "tinyint":
      return fc.integer({ min: -128, max: 127 })
    case "smallint":
      return fc.integer({ min: -32_768, max: 32_767 })
    case "int":
      return fc.integer()
    case "bigint":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case "float":
      return fc.float()
    case "double":
      return fc.double()
    case "decimal": {
      const greatest = 10n ** BigInt(type.precision) - 1n
      return fc.bigInt({ min: -greatest, max: greatest })
    }
    case "string":
    case "char":
    case "varchar":
      return fc.string({ unit: "grapheme" }).filter((text) => text !== "__proto__")
    case "binary":
      return fc.uint8Array()
    case "date":
      return fc.integer({ min: -719_162, max: 2_932_896 })
    case "timestamp":
      return fc.bigInt({ min: -62_135_596_800_000_000_000n, max: 253_402_300_799_999_999_999n })
    case "array":
      return fc.array(nullable(type.element), { maxLength: 4 })
    case "map":
      return fc.uniqueArray(fc.tuple(anyValue(type.key), nullable(type.value)), {
        maxLength: 4,
        selector: ([key]) => String(key),
      })
    case "struct":
      return fc.tuple(...type.fields.map((field) => nullable(field.type)))
  }
}

const anyOptions: fc.Arbitrary<ParquetOptions> = fc.record({
  blockSizeBytes: fc.integer({ min: 1, max: 10_000 }),
  // Smaller than the API has them, so that there are many.
  pageSizeBytes: fc.integer({ min: 1, max: 2000 }),
  compression: fc.constantFrom("UNCOMPRESSED", "GZIP", "SNAPPY"),
  enableDictionaryCompression: fc.boolean(),
  maxPaddingBytes: fc.integer({ min: 0, max: 10_000 }),
  writerVersion: fc.constantFrom("V1", "V2"),
})

/** A table, and the rows of each of its groups; rows come again, as dictionaries need it. */
const anyTable = fc
  .array(anyType, { minLength: 1, maxLength: 4 })
  .map(structOf)
  .chain((type) => {
    const row = fc.tuple(...type.fields.map((field) => nullable(field.type)))
    const rows = fc.array(row, { minLength: 1, maxLength: 8 })
    const group = fc
      .tuple(rows, fc.integer({ min: 1, max: 80 }))
      .map(([some, count]) => Array.from({ length: count }, (_, index) => some[index % some.length] ?? []))
    return fc.tuple(fc.constant(type), fc.array(group, { maxLength: 3 }))
  })

test("Whatever rows are written are what other readers read", async (t) => {
  const duckdb = await startDuckdb(t)
  await fc.assert(
    fc.asyncProperty(anyTable, anyOptions, async ([type, groups], options) => {
      const file = fileOf(type, groups, options)
      assert.deepEqual(await duckdb.read(file), inDuckdb(type, groups.flat()))
      assert.deepEqual(await readByHyparquet(file), inHyparquet(type, groups.flat()))
      assert.deepEqual(fileOf(type, groups, { ...defaults, ...options }), file)
    }),
    { numRuns: 30 },
  )
})

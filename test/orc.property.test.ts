/** What is written as ORC is what comes out of it, for any table and any options: by the reader of test/support/orc. */
import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import {
  emptyRows,
  type HiveType,
  type PlacedGroup,
  type RowType,
  type StructValues,
  type Values,
} from "../src/formats/columns/index.ts"
import { type OrcOptions, type OrcStripeFacts, orc } from "../src/formats/orc/index.ts"
import { createSimulatedRandom } from "../src/platform/simulated/index.ts"
import { type Expected, randomColumn, randomRowType } from "./servers/orc/random-table.ts"
import type { OrcValue } from "./support/orc/orc-value.ts"
import { type OrcFile, readOrc } from "./support/orc/read-orc.ts"

/** More of them by hand, after changes: tables with patterns, and twice as many with any values. */
const fileCount = Number(process.env["HYDRANT_TEST_ORC_FILES"] ?? 25)

/** With the indexes of columns in the place of their names. */
type AnyOptions = Omit<OrcOptions, "bloomFilterColumns"> & { readonly bloomFilterColumns: readonly number[] }

/** Sizes are smaller than the API has them, so that there are many stripes and row groups. */
const anyOptions: fc.Arbitrary<AnyOptions> = fc.record({
  rowIndexStride: fc.constantFrom(1, 8, 60, 100, 1000, 10_000),
  compression: fc.constantFrom("NONE", "ZLIB", "SNAPPY"),
  bloomFilterColumns: fc.uniqueArray(fc.nat(7)),
  bloomFilterFalsePositiveProbability: fc.constantFrom(0, 0.01, 0.05, 0.5, 1),
  dictionaryKeyThreshold: fc.constantFrom(0, 0.5, 1),
  formatVersion: fc.constantFrom("V0_11", "V0_12"),
  enablePadding: fc.boolean(),
  paddingTolerance: fc.constantFrom(0, 0.05, 1),
  stripeSizeBytes: fc.constantFrom(1000, 100_000),
  blockSizeBytes: fc.constantFrom(500, 3000, 60_000),
})

test("Tables whose columns have patterns come back as they were", () => {
  const shape = fc.record({
    seed: fc.nat(),
    columnCount: fc.integer({ min: 1, max: 6 }),
    rowCounts: fc.array(
      fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 1500 })),
      { maxLength: 3 },
    ),
  })
  fc.assert(
    fc.property(shape, anyOptions, ({ seed, columnCount, rowCounts }, any) => {
      const random = createSimulatedRandom(seed)
      const type = randomRowType(random, columnCount)
      const appendColumns = type.fields.map((field) => randomColumn(random, field.type))
      const rows: Expected[][] = []
      const stripes = rowCounts.map((rowCount) => {
        const columns = emptyRows(type)
        for (let row = 0; row < rowCount; row++) {
          rows.push(columns.fields.map((values, index) => appendColumns[index]?.(values) ?? null))
          columns.append()
        }
        return columns
      })
      const read = roundTrip(type, stripes, any)
      assert.deepEqual(
        read.rows.map((row) => type.fields.map((field, index) => asExpected(field.type, row[index] ?? null))),
        rows,
      )
    }),
    { numRuns: fileCount },
  )
})

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

const { type: anyType } = fc.letrec<{ type: HiveType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...plainKinds).map((kind) => ({ kind })),
    fc
      .integer({ min: 1, max: 38 })
      .chain((precision) => fc.nat(precision).map((scale): HiveType => ({ kind: "decimal", precision, scale }))),
    fc
      .tuple(fc.constantFrom("char", "varchar"), fc.integer({ min: 1, max: 255 }))
      .map(([kind, length]): HiveType => ({ kind, length })),
    tie("type").map((element): HiveType => ({ kind: "array", element })),
    fc.tuple(tie("type"), tie("type")).map(([key, value]): HiveType => ({ kind: "map", key, value })),
    fc.array(tie("type"), { minLength: 1, maxLength: 3 }).map(structOf),
  ),
}))

function structOf(types: readonly HiveType[]): RowType {
  return { kind: "struct", fields: types.map((type, index) => ({ name: `column ${index}`, type })) }
}

test("Any values of any types come back as they were", () => {
  const table = fc.array(anyType, { minLength: 1, maxLength: 5 }).chain((types) => {
    const row = fc.tuple(...types.map(nullable))
    // They come again, and so are in dictionaries and more than one row group.
    const stripe = fc
      .tuple(fc.array(row, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 60 }))
      .map(([some, count]) => Array.from({ length: count }, (_, index) => some[index % some.length] ?? []))
    return fc.tuple(fc.constant(structOf(types)), fc.array(stripe, { maxLength: 3 }))
  })
  fc.assert(
    fc.property(table, anyOptions, ([type, stripes], any) => {
      const columns = stripes.map((rows) => {
        const values = emptyRows(type)
        for (const row of rows) append(type, values, row)
        return values
      })
      const read = roundTrip(type, columns, any)
      assert.deepEqual(
        read.rows,
        stripes.flat().map((row) => row.map((value, index) => asStored(type.fields[index]?.type, value))),
      )
    }),
    { numRuns: 2 * fileCount },
  )
})

function nullable(type: HiveType): fc.Arbitrary<OrcValue> {
  return fc.option(anyValue(type), { nil: null, freq: 4 })
}

function anyValue(type: HiveType): fc.Arbitrary<OrcValue> {
  switch (type.kind) {
    case "boolean":
      return fc.boolean()
    case "tinyint":
      return fc.integer({ min: -128, max: 127 })
    case "smallint":
      return fc.integer({ min: -32_768, max: 32_767 })
    case "int":
    case "date":
      return fc.integer()
    case "bigint":
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    case "float":
      return fc.float()
    case "double":
      return fc.double()
    case "decimal": {
      const greatest = 10n ** BigInt(type.precision) - 1n
      return fc.bigInt({ min: -greatest, max: greatest }).map((unscaled) => ({ unscaled, scale: type.scale }))
    }
    case "string":
      // Beyond 1,024 bytes, statistics hold a part of it.
      return fc.oneof(
        { weight: 4, arbitrary: fc.string({ unit: "binary" }) },
        { weight: 1, arbitrary: fc.string({ unit: "binary", minLength: 240, maxLength: 1100, size: "max" }) },
      )
    case "char":
    case "varchar":
      return fc.string({ unit: "binary", maxLength: type.length })
    case "binary":
      return fc.uint8Array({ maxLength: 40 })
    case "timestamp":
      return fc
        .tuple(
          fc.oneof(
            fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }),
            fc.integer({ min: -3, max: 3 }),
            fc.integer({ min: 1_420_070_397, max: 1_420_070_403 }),
          ),
          fc.oneof(
            fc.integer({ min: 0, max: 999_999_999 }),
            fc.constantFrom(0, 1, 10, 100, 1000, 999_000, 999_999, 1_000_000, 100_000_000, 999_999_999),
          ),
        )
        .map(([seconds, nanoseconds]) => ({ seconds, nanoseconds }))
    case "array":
      return fc.array(nullable(type.element), { maxLength: 4 })
    case "map":
      return fc.array(fc.tuple(anyValue(type.key), nullable(type.value)), { maxLength: 4 })
    case "struct":
      return fc.tuple(...type.fields.map((field) => nullable(field.type)))
  }
}

/** The ends of what types can hold, one after the other and each by itself. */
const extremes: readonly (readonly [HiveType, readonly OrcValue[]])[] = [
  [{ kind: "tinyint" }, [-128, 127]],
  [{ kind: "smallint" }, [-32_768, 32_767]],
  [{ kind: "int" }, [-(2 ** 31), 2 ** 31 - 1]],
  [{ kind: "date" }, [-(2 ** 31), 2 ** 31 - 1]],
  [{ kind: "bigint" }, [-(2n ** 63n), 2n ** 63n - 1n]],
  [{ kind: "float" }, [-3.4028234663852886e38, 3.4028234663852886e38, 2 ** -149, -0, 0, Number.NaN]],
  [{ kind: "double" }, [-Number.MAX_VALUE, Number.MAX_VALUE, Number.MIN_VALUE, -0, 0, -Infinity, Infinity, Number.NaN]],
  [{ kind: "decimal", precision: 38, scale: 0 }, decimals(38, 0)],
  [{ kind: "decimal", precision: 38, scale: 38 }, decimals(38, 38)],
  [{ kind: "decimal", precision: 1, scale: 1 }, decimals(1, 1)],
  [{ kind: "string" }, ["", "\u{10ffff}".repeat(300), "\u0000", "a".repeat(300_000)]],
  [{ kind: "char", length: 255 }, ["", "\u{10ffff}".repeat(255)]],
  [{ kind: "varchar", length: 65_535 }, ["", "\u{10ffff}".repeat(65_535)]],
  [{ kind: "binary" }, [new Uint8Array(), new Uint8Array(300_000).fill(255)]],
  [
    { kind: "timestamp" },
    [
      { seconds: -62_135_596_800, nanoseconds: 0 },
      { seconds: 253_402_300_799, nanoseconds: 999_999_999 },
      { seconds: -1, nanoseconds: 999_999 },
      { seconds: -2, nanoseconds: 999_999_999 },
    ],
  ],
  [{ kind: "array", element: { kind: "boolean" } }, [[], new Array(3000).fill(true), [null]]],
]

function decimals(precision: number, scale: number): readonly OrcValue[] {
  const greatest = 10n ** BigInt(precision) - 1n
  return [-greatest, greatest, 0n].map((unscaled) => ({ unscaled, scale }))
}

for (const [type, values] of extremes) {
  const name = Object.values(type)
    .filter((part) => typeof part !== "object")
    .join(" ")
  test(`The ends of what a ${name} can hold come back as they were`, () => {
    const forms = [
      ["NONE", "V0_11"],
      ["ZLIB", "V0_12"],
      ["SNAPPY", "V0_12"],
    ] as const
    for (const [compression, formatVersion] of forms) {
      for (const column of [...values.map((value) => [value]), [...values, null, ...values, null]]) {
        const rowType = structOf([type])
        const rows = emptyRows(rowType)
        for (const value of column) append(rowType, rows, [value])
        const read = roundTrip(rowType, [rows], {
          rowIndexStride: 3,
          compression,
          bloomFilterColumns: [0],
          bloomFilterFalsePositiveProbability: 0.05,
          dictionaryKeyThreshold: 1,
          formatVersion,
          enablePadding: false,
          paddingTolerance: 0,
          stripeSizeBytes: 1000,
          blockSizeBytes: 1000,
        })
        assert.deepEqual(
          read.rows,
          column.map((value) => [asStored(type, value)]),
        )
      }
    }
  })
}

/** Writes the stripes, sends what is said of them through JSON as threads and processes do, and reads the file. */
function roundTrip(type: RowType, stripes: readonly StructValues[], any: AnyOptions): OrcFile {
  const bloomed = type.fields.filter((_, index) => any.bloomFilterColumns.includes(index))
  const options: OrcOptions = { ...any, bloomFilterColumns: bloomed.map((field) => field.name) }
  const groups: PlacedGroup<OrcStripeFacts>[] = []
  const parts = [orc.header]
  let length = orc.header.length
  for (const rows of stripes) {
    const { bytes, facts, rowCount } = orc.encodeGroup(type, rows, options)
    const paddingBytes = orc.paddingBytes(length, bytes.length, options)
    const offset = length + paddingBytes
    parts.push(new Uint8Array(paddingBytes), bytes)
    groups.push({ offset, sizeBytes: bytes.length, rowCount, facts: JSON.parse(JSON.stringify(facts)) })
    length = offset + bytes.length
  }
  const read = readOrc(Buffer.concat([...parts, orc.footer(type, groups, options)]))
  assert.deepEqual(read.schema, type)
  assert.equal(read.compression, options.compression)
  assert.equal(`V${read.version.replace(".", "_")}`, options.formatVersion)
  assert.deepEqual(
    read.stripes.map(({ offset, rowCount, rowGroupCount }) => ({ offset, rowCount, rowGroupCount })),
    groups.map(({ offset, rowCount }) => ({
      offset,
      rowCount,
      rowGroupCount: Math.ceil(rowCount / options.rowIndexStride),
    })),
  )
  return read
}

function append(type: HiveType, values: Values, value: OrcValue | undefined) {
  if (value === null) return values.appendNull()
  switch (values.kind) {
    case "boolean":
      assert.ok(typeof value === "boolean")
      return values.append(value ? 1 : 0)
    case "integer":
    case "float":
    case "double":
      assert.ok(typeof value === "number")
      return values.append(value)
    case "long":
      assert.ok(typeof value === "bigint")
      return values.appendBigInt(value)
    case "decimal":
      assert.ok(typeof value === "object" && "unscaled" in value)
      return values.appendBigInt(value.unscaled)
    case "timestamp":
      assert.ok(typeof value === "object" && "seconds" in value)
      return values.append(value.seconds, value.nanoseconds)
    case "text":
      if (value instanceof Uint8Array) return values.append(value)
      assert.ok(typeof value === "string")
      return values.appendString(value)
    case "list":
      assert.ok(type.kind === "array" && isList(value))
      for (const element of value) append(type.element, values.elements, element)
      return values.append(value.length)
    case "map":
      assert.ok(type.kind === "map" && isList(value))
      for (const pair of value) {
        assert.ok(isList(pair))
        append(type.key, values.keys, pair[0])
        append(type.value, values.values, pair[1])
      }
      return values.append(value.length)
    case "struct":
      assert.ok(type.kind === "struct" && isList(value))
      for (const [index, field] of type.fields.entries()) {
        const fieldValues = values.fields[index]
        assert.ok(fieldValues)
        append(field.type, fieldValues, value[index])
      }
      return values.append()
  }
}

function isList(value: OrcValue | undefined): value is readonly OrcValue[] {
  return Array.isArray(value)
}

/** What the format can't hold as it is: a char is padded, and the last second before 1970 comes a second late. */
function asStored(type: HiveType | undefined, value: OrcValue): OrcValue {
  if (type === undefined || value === null) return value
  switch (type.kind) {
    case "char":
      assert.ok(typeof value === "string")
      return value + " ".repeat(type.length - Array.from(value).length)
    case "timestamp":
      assert.ok(typeof value === "object" && "seconds" in value)
      return value.seconds === -1 && value.nanoseconds > 999_999 ? { ...value, seconds: 0 } : value
    case "array":
      assert.ok(isList(value))
      return value.map((element) => asStored(type.element, element))
    case "map":
      assert.ok(isList(value))
      return value.map((pair) => {
        assert.ok(isList(pair))
        return [asStored(type.key, pair[0] ?? null), asStored(type.value, pair[1] ?? null)]
      })
    case "struct":
      assert.ok(isList(value))
      return value.map((field, index) => asStored(type.fields[index]?.type, field))
    default:
      return value
  }
}

/** As random-table.ts has values. */
function asExpected(type: HiveType, value: OrcValue): Expected {
  if (value === null) return null
  if (isList(value)) {
    switch (type.kind) {
      case "map":
        return value.map((pair) => {
          assert.ok(isList(pair))
          return [asExpected(type.key, pair[0] ?? null), asExpected(type.value, pair[1] ?? null)]
        })
      case "struct":
        return Object.fromEntries(
          type.fields.map((field, index) => [field.name, asExpected(field.type, value[index] ?? null)]),
        )
      default:
        assert.ok(type.kind === "array")
        return value.map((element) => asExpected(type.element, element))
    }
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64")
  if (typeof value === "bigint") return `${value}`
  if (typeof value === "number") return type.kind === "float" || type.kind === "double" ? `${value}` : value
  if (typeof value !== "object") return value
  if ("seconds" in value) return [value.seconds, value.nanoseconds]
  assert.ok("unscaled" in value)
  return `${value.unscaled}`
}

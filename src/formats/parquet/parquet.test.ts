import assert from "node:assert/strict"
import { test } from "node:test"
import { parquetMetadata } from "hyparquet"
import type { HiveType } from "../columns/index.ts"
import { type ParquetOptions, parquet } from "./index.ts"
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

const compressionNames = ["UNCOMPRESSED", "SNAPPY", "GZIP"] as const
/** Each writer version with each compression, with dictionaries in turn; random rows meet the rest (parquet.property.test.ts). */
const manyOptions: readonly ParquetOptions[] = (["V1", "V2"] as const).flatMap((writerVersion, version) =>
  compressionNames.map((compression, index) => {
    return { ...defaults, writerVersion, compression, enableDictionaryCompression: (version + index) % 2 === 1 }
  }),
)

/** Some values of each type, the extremes among them. */
const samples: readonly (readonly [HiveType, readonly Plain[]])[] = [
  [{ kind: "boolean" }, [true, false, false, true]],
  [{ kind: "tinyint" }, [-128, 127, 0]],
  [{ kind: "smallint" }, [-32_768, 32_767, 0]],
  [{ kind: "int" }, [-2_147_483_648, 2_147_483_647, 0, -1]],
  [{ kind: "bigint" }, [-(2n ** 63n), 2n ** 63n - 1n, 0n, -1n, 2n ** 32n]],
  [{ kind: "float" }, [0, -0, 1.5, Number.POSITIVE_INFINITY, Number.NaN, -3.4028234663852886e38]],
  [{ kind: "double" }, [0, -0, 0.1, Number.NEGATIVE_INFINITY, Number.NaN, Number.MIN_VALUE, Number.MAX_VALUE]],
  [{ kind: "decimal", precision: 1, scale: 1 }, [-9n, 9n, 0n]],
  [{ kind: "decimal", precision: 10, scale: 2 }, [-9_999_999_999n, 9_999_999_999n, -1n]],
  [{ kind: "decimal", precision: 18, scale: 0 }, [-(10n ** 18n) + 1n, 10n ** 18n - 1n]],
  [{ kind: "decimal", precision: 19, scale: 19 }, [-(10n ** 19n) + 1n, 10n ** 19n - 1n]],
  [{ kind: "decimal", precision: 38, scale: 10 }, [-(10n ** 38n) + 1n, 10n ** 38n - 1n, -1n, 1n]],
  [{ kind: "string" }, ["", "a", "ü€😀", "prefix one", "prefix two", "x".repeat(10_000)]],
  [{ kind: "char", length: 3 }, ["abc", "a"]],
  [{ kind: "varchar", length: 3 }, ["abc", ""]],
  [{ kind: "binary" }, [Uint8Array.of(), Uint8Array.of(0, 255, 128), Uint8Array.of(0, 255)]],
  [{ kind: "date" }, [0, -1, -719_162, 2_932_896]],
  [{ kind: "timestamp" }, [0n, -1n, 1_700_000_000_123_456_789n, -62_135_596_800_000_000_000n, 86_399_999_999_999n]],
]

const int: HiveType = { kind: "int" }
const string: HiveType = { kind: "string" }
const struct = rowType({ a: int, b: string })
const nested: readonly (readonly [HiveType, readonly Plain[]])[] = [
  [{ kind: "array", element: int }, [[], [1], [null], [1, null, 3]]],
  [{ kind: "array", element: { kind: "array", element: string } }, [[], [[]], [null], [["a"], [], null, [null, "b"]]]],
  [{ kind: "array", element: struct }, [[], [null], [[1, "a"], [null, null], null]]],
  [
    { kind: "map", key: string, value: int },
    [
      [],
      [["a", 1]],
      [
        ["a", null],
        ["b", 2],
      ],
    ],
  ],
  [
    { kind: "map", key: int, value: { kind: "array", element: struct } },
    [
      [],
      [[1, []]],
      [
        [1, null],
        [2, [[3, "c"]]],
      ],
    ],
  ],
  [
    { kind: "map", key: string, value: { kind: "map", key: string, value: int } },
    [
      [
        [
          "a",
          [
            ["b", 1],
            ["c", 2],
          ],
        ],
      ],
      [["a", []]],
    ],
  ],
  [
    struct,
    [
      [1, "a"],
      [null, "b"],
      [null, null],
    ],
  ],
  [
    rowType({ inner: rowType({ list: { kind: "array", element: int } }), after: int }),
    [
      [null, 1],
      [[null], 2],
      [[[]], 3],
      [[[4, 5]], 6],
    ],
  ],
]

/** Nulls nowhere, everywhere, at some places. */
const nullPatterns: readonly ((value: Plain, index: number) => Plain)[] = [
  (value) => value,
  () => null,
  (value, index) => (index % 3 === 1 ? null : value),
  (value, index) => (index < 15 ? null : value),
]

test("Values of every type are read back by other readers, whatever the options and wherever there are nulls", async (t) => {
  const duckdb = await startDuckdb(t)
  const columns = [...samples, ...nested]
  const type = rowType(Object.fromEntries(columns.map(([of], index) => [`column${index}`, of])))
  const groups = nullPatterns.map((withNulls) =>
    Array.from({ length: 20 }, (_, row) =>
      columns.map(([, values]) => withNulls(values[row % values.length] ?? null, row)),
    ),
  )
  const expectedInDuckdb = inDuckdb(type, groups.flat())
  const expectedInHyparquet = inHyparquet(type, groups.flat())
  for (const options of manyOptions) {
    const file = fileOf(type, groups, options)
    assert.deepEqual(await duckdb.read(file), expectedInDuckdb, JSON.stringify(options))
    assert.deepEqual(await readByHyparquet(file), expectedInHyparquet, JSON.stringify(options))
  }
})

test("A file without rows is read as a table without rows", async (t) => {
  const duckdb = await startDuckdb(t)
  const type = rowType({ id: { kind: "bigint" }, tags: { kind: "array", element: string } })
  const file = fileOf(type, [])
  assert.deepEqual(await duckdb.read(file), [])
  assert.deepEqual(await duckdb.query(file, "SELECT count(*) AS count FROM parquet_schema($file)"), [{ count: 5n }])
  assert.deepEqual(await readByHyparquet(file), [])
})

test("Columns are described as Hive's writer does", () => {
  const type = rowType({
    ...Object.fromEntries(samples.map(([of], index) => [`${of.kind}_${index}`, of])),
    tags: { kind: "array", element: string },
    counts: { kind: "map", key: string, value: int },
    place: struct,
  })
  const { schema } = parquetMetadata(Uint8Array.from(fileOf(type, [])).buffer)
  const lines = schema.map((element) => {
    const { name, type, type_length, repetition_type, num_children, converted_type, logical_type, precision, scale } =
      element
    const physical = [type, type_length].filter((part) => part !== undefined).join("/")
    const numbers = precision === undefined ? [] : [precision, scale]
    const meaning = [converted_type, ...numbers, logical_type && Object.values(logical_type).join("/")]
    return [repetition_type, physical || `group of ${num_children}`, name, ...meaning]
      .filter((part) => part !== undefined)
      .join(" ")
  })
  assert.deepEqual(lines, [
    "group of 21 hive_schema",
    "OPTIONAL BOOLEAN boolean_0",
    "OPTIONAL INT32 tinyint_1 INT_8 INTEGER/8/true",
    "OPTIONAL INT32 smallint_2 INT_16 INTEGER/16/true",
    "OPTIONAL INT32 int_3",
    "OPTIONAL INT64 bigint_4",
    "OPTIONAL FLOAT float_5",
    "OPTIONAL DOUBLE double_6",
    "OPTIONAL FIXED_LEN_BYTE_ARRAY/1 decimal_7 DECIMAL 1 1 DECIMAL/1/1",
    "OPTIONAL FIXED_LEN_BYTE_ARRAY/5 decimal_8 DECIMAL 10 2 DECIMAL/2/10",
    "OPTIONAL FIXED_LEN_BYTE_ARRAY/8 decimal_9 DECIMAL 18 0 DECIMAL/0/18",
    "OPTIONAL FIXED_LEN_BYTE_ARRAY/9 decimal_10 DECIMAL 19 19 DECIMAL/19/19",
    "OPTIONAL FIXED_LEN_BYTE_ARRAY/16 decimal_11 DECIMAL 38 10 DECIMAL/10/38",
    "OPTIONAL BYTE_ARRAY string_12 UTF8 STRING",
    "OPTIONAL BYTE_ARRAY char_13 UTF8 STRING",
    "OPTIONAL BYTE_ARRAY varchar_14 UTF8 STRING",
    "OPTIONAL BYTE_ARRAY binary_15",
    "OPTIONAL INT32 date_16 DATE DATE",
    "OPTIONAL INT96 timestamp_17",
    "OPTIONAL group of 1 tags LIST LIST",
    "REPEATED group of 1 bag",
    "OPTIONAL BYTE_ARRAY array_element UTF8 STRING",
    "OPTIONAL group of 1 counts MAP MAP",
    "REPEATED group of 2 map MAP_KEY_VALUE",
    "REQUIRED BYTE_ARRAY key UTF8 STRING",
    "OPTIONAL INT32 value",
    "OPTIONAL group of 2 place",
    "OPTIONAL INT32 a",
    "OPTIONAL BYTE_ARRAY b UTF8 STRING",
  ])
})

/** Columns of some thousand rows: what has few values and what has many. */
const measuredType = rowType({
  few: string,
  many: string,
  count: int,
  total: { kind: "bigint" },
  share: { kind: "double" },
  flag: { kind: "boolean" },
  at: { kind: "timestamp" },
  price: { kind: "decimal", precision: 5, scale: 2 },
})
const measuredRows: readonly (readonly Plain[])[] = Array.from({ length: 12_000 }, (_, row) => [
  `value ${row % 10}`,
  `value ${Math.imul(row, 0x9e3779b1)}`,
  Math.imul(row, 0x9e3779b1),
  BigInt(row % 7),
  Math.sqrt(row),
  row % 3 === 0,
  1_700_000_000_000_000_000n + BigInt(row % 5),
  BigInt(row % 100),
])

function chunksOf(options: Partial<ParquetOptions>) {
  const { row_groups } = parquetMetadata(
    Uint8Array.from(fileOf(measuredType, [measuredRows], { ...defaults, ...options })).buffer,
  )
  return (row_groups[0]?.columns ?? []).map((column) => {
    assert.ok(column.meta_data)
    return column.meta_data
  })
}

test("Encodings are those of the writer version, with a dictionary where it is on and pays", () => {
  const encodings = (options: Partial<ParquetOptions>) =>
    chunksOf(options).map(({ encoding_stats = [], dictionary_page_offset }) => {
      const pages = encoding_stats.map(({ page_type, encoding }) => `${page_type} ${encoding}`)
      assert.equal(pages.length, dictionary_page_offset === undefined ? 1 : 2)
      return pages.join(", ")
    })
  const plain = "DATA_PAGE PLAIN"
  const inDictionary = "DICTIONARY_PAGE PLAIN_DICTIONARY, DATA_PAGE PLAIN_DICTIONARY"
  assert.deepEqual(encodings({ writerVersion: "V1", enableDictionaryCompression: false }), Array(8).fill(plain))
  assert.deepEqual(encodings({ writerVersion: "V1", enableDictionaryCompression: true }), [
    inDictionary,
    plain,
    plain,
    inDictionary,
    plain,
    plain,
    inDictionary,
    plain,
  ])
  assert.deepEqual(encodings({ writerVersion: "V2", enableDictionaryCompression: false }), [
    "DATA_PAGE_V2 DELTA_BYTE_ARRAY",
    "DATA_PAGE_V2 DELTA_BYTE_ARRAY",
    "DATA_PAGE_V2 DELTA_BINARY_PACKED",
    "DATA_PAGE_V2 DELTA_BINARY_PACKED",
    "DATA_PAGE_V2 PLAIN",
    "DATA_PAGE_V2 RLE",
    "DATA_PAGE_V2 PLAIN",
    "DATA_PAGE_V2 DELTA_BYTE_ARRAY",
  ])
  const inDictionaryV2 = "DICTIONARY_PAGE PLAIN, DATA_PAGE_V2 RLE_DICTIONARY"
  assert.deepEqual(encodings({ writerVersion: "V2", enableDictionaryCompression: true }), [
    inDictionaryV2,
    "DATA_PAGE_V2 DELTA_BYTE_ARRAY",
    "DATA_PAGE_V2 DELTA_BINARY_PACKED",
    inDictionaryV2,
    "DATA_PAGE_V2 PLAIN",
    "DATA_PAGE_V2 RLE",
    inDictionaryV2,
    inDictionaryV2,
  ])
})

test("Compression is the one that was asked for, and makes columns smaller", () => {
  for (const compression of compressionNames) {
    const chunks = chunksOf({ compression, enableDictionaryCompression: false })
    assert.deepEqual(new Set(chunks.map((chunk) => chunk.codec)), new Set([compression]))
    const [few] = chunks
    assert.ok(few)
    const ratio = Number(few.total_compressed_size) / Number(few.total_uncompressed_size)
    assert.ok(compression === "UNCOMPRESSED" ? ratio === 1 : ratio < 0.3, `${compression}: ${ratio}`)
  }
})

test("Pages are of the size that was asked for", () => {
  for (const pageSizeBytes of [65_536, 131_072, 1_048_576]) {
    for (const writerVersion of ["V1", "V2"] as const) {
      for (const chunk of chunksOf({ pageSizeBytes, writerVersion, enableDictionaryCompression: false })) {
        const pageCount = chunk.encoding_stats?.[0]?.count ?? 0
        const bytes = Number(chunk.total_uncompressed_size)
        // Deltas are known to be smaller only once they are written.
        const isKnown = chunk.encodings.includes("PLAIN")
        const least = Math.ceil(bytes / pageSizeBytes)
        assert.ok(pageCount >= least && (!isKnown || pageCount <= least + 1), `${pageCount} pages for ${bytes} bytes`)
      }
    }
  }
})

test("A group is kept from beginning near the end of a block where it would not fit", () => {
  const options = { ...defaults, blockSizeBytes: 1000, maxPaddingBytes: 100 }
  const cases = [
    { offset: 4, groupBytes: 2000, padding: 0 },
    { offset: 899, groupBytes: 2000, padding: 0 },
    { offset: 900, groupBytes: 2000, padding: 100 },
    { offset: 1999, groupBytes: 2000, padding: 1 },
    { offset: 900, groupBytes: 101, padding: 100 },
    { offset: 900, groupBytes: 100, padding: 0 },
    { offset: 2000, groupBytes: 2000, padding: 0 },
  ]
  for (const { offset, groupBytes, padding } of cases) {
    assert.equal(parquet.paddingBytes(offset, groupBytes, options), padding, `at ${offset}`)
    assert.equal(parquet.paddingBytes(offset, groupBytes, { ...options, maxPaddingBytes: 0 }), 0)
  }
  assert.equal(parquet.groupBytesMax(options), 1000)
})

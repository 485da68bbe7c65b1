import assert from "node:assert/strict"
import { test } from "node:test"
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

const compressionNames = ["UNCOMPRESSED", "SNAPPY", "GZIP"] as const
const everyOption: readonly ParquetOptions[] = (["V1", "V2"] as const).flatMap((writerVersion) =>
  [false, true].flatMap((enableDictionaryCompression) =>
    compressionNames.map((compression) => ({ ...defaults, writerVersion, enableDictionaryCompression, compression })),
  ),
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
  for (const options of everyOption) {
    const file = fileOf(type, groups, options)
    assert.deepEqual(await duckdb.read(file), expectedInDuckdb, JSON.stringify(options))
    assert.deepEqual(await readByHyparquet(file), expectedInHyparquet, JSON.stringify(options))
  }
})

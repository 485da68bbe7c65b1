import assert from "node:assert/strict"
import { test } from "node:test"
import { parquetMetadata } from "hyparquet"
import type { HiveType } from "../columns/index.ts"
import { defaults, fileOf, type Plain, rowType } from "./testing.ts"

const bytes = (...values: readonly number[]) => Uint8Array.from(values)

/** A type, values of it, and the least and the greatest that the file tells; none where it tells nothing. */
const cases: readonly (readonly [HiveType, readonly Plain[], (readonly [Plain, Plain])?])[] = [
  [{ kind: "boolean" }, [true, false, null], [false, true]],
  [{ kind: "boolean" }, [null, true], [true, true]],
  [{ kind: "int" }, [3, -5, null, 7, 0], [-5, 7]],
  [{ kind: "tinyint" }, [-1, -128], [-128, -1]],
  [{ kind: "bigint" }, [2n ** 32n, -1n, 2n ** 31n, -(2n ** 40n)], [-(2n ** 40n), 2n ** 32n]],
  [{ kind: "bigint" }, [5n, 2n ** 31n, 1n], [1n, 2n ** 31n]],
  [{ kind: "double" }, [1.5, -2.5, 0.5], [-2.5, 1.5]],
  [{ kind: "float" }, [1.5, -2.5, 0.5], [-2.5, 1.5]],
  // Zeros are those outside, whichever there are.
  [{ kind: "double" }, [0, 5], [-0, 5]],
  [{ kind: "double" }, [-5, -0], [-5, 0]],
  [{ kind: "double" }, [1, Number.NaN, 2]],
  [{ kind: "float" }, [Number.NaN]],
  [{ kind: "string" }, ["b", "ab", "abc", "a", null, "ba"], ["a", "ba"]],
  [{ kind: "string" }, ["", "a"], ["", "a"]],
  [{ kind: "string" }, ["prefix-2", "prefix-1", "prefix-3", "prefix-"], ["prefix-", "prefix-3"]],
  [{ kind: "string" }, ["least-2", "mostly", "least-1", "most-1", "most-2"], ["least-1", "mostly"]],
  [{ kind: "string" }, ["least", "most-1", "most-2"], ["least", "most-2"]],
  // As unsigned bytes: U+FFFD comes before U+10000, which JavaScript has the other way round.
  [{ kind: "string" }, ["\u{10000}", "\ufffd"], ["\ufffd", "\u{10000}"]],
  [{ kind: "string" }, ["y".repeat(2048), "x".repeat(2047)], ["x".repeat(2047), "y".repeat(2048)]],
  [{ kind: "string" }, ["y".repeat(2048), "x".repeat(2048)]],
  [{ kind: "binary" }, [bytes(128), bytes(127, 255), bytes(255)], [bytes(127, 255), bytes(255)]],
  [{ kind: "binary" }, [bytes(0), bytes(), bytes(0, 0)], [bytes(), bytes(0, 0)]],
  [{ kind: "decimal", precision: 4, scale: 0 }, [-300n, 200n, -1n, 300n], [-300n, 300n]],
  [{ kind: "date" }, [10, -10], [-10, 10]],
  [{ kind: "timestamp" }, [0n, 1n]],
  [{ kind: "int" }, [null, null]],
]

test("A column chunk tells its least and its greatest value, by the order of its type, and how many nulls it has", () => {
  for (const enableDictionaryCompression of [false, true]) {
    for (const [type, values, bounds] of cases) {
      // Often enough for a dictionary to pay.
      const rows = Array.from({ length: 20 }, () => values.map((value) => [value])).flat()
      const file = fileOf(rowType({ value: type }), [rows], { ...defaults, enableDictionaryCompression })
      const { null_count, min_value, max_value } = statisticsOf(file)
      assert.equal(null_count, BigInt(20 * values.filter((value) => value === null).length))
      const expected = bounds?.map((bound) => readBound(type, bound)) ?? [undefined, undefined]
      assert.deepEqual([min_value, max_value], expected, type.kind)
    }
  }
})

function statisticsOf(file: Buffer) {
  const parsers = {
    stringFromBytes: (bytes: Uint8Array) => Buffer.from(bytes).toString("hex"),
    dateFromDays: (days: number) => days,
  }
  const { row_groups } = parquetMetadata(Uint8Array.from(file).buffer, { parsers })
  const statistics = row_groups[0]?.columns[0]?.meta_data?.statistics
  assert.ok(statistics)
  return statistics
}

function readBound(type: HiveType, bound: Plain): unknown {
  if (type.kind === "decimal") return Number(bound)
  if (typeof bound === "string") return Buffer.from(bound).toString("hex")
  return bound instanceof Uint8Array ? Buffer.from(bound).toString("hex") : bound
}

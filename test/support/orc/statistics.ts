/** Holds statistics, of a row group, a stripe or a file, against the entries that they are of. */
import type { HiveType } from "../../../src/formats/columns/index.ts"
import type { Entry } from "./column.ts"
import { parseDecimal } from "./decimal-text.ts"
import type { Message } from "./message.ts"
import {
  binaryStatistics,
  bucketStatistics,
  type columnStatistics,
  rangeStatistics,
  stringStatistics,
  timestampStatistics,
} from "./orc-messages.ts"
import type { LeafValue, OrcDecimal, OrcTimestamp } from "./orc-value.ts"

type Statistics = Message<typeof columnStatistics>

export type WriterKind = "cpp" | "other"

export function checkStatistics(
  what: string,
  type: HiveType,
  statistics: Statistics,
  entries: readonly Entry[],
  writer: WriterKind,
) {
  const values = entries.filter((entry) => entry !== null)
  expectEqual(`${what}: numberOfValues`, statistics.number("numberOfValues", 0), values.length)
  const hasNull = values.length < entries.length
  // The writer in C++ says so also if what a column is part of is null; readers then look in vain, no more.
  const maySayNull = hasNull || writer === "cpp"
  if (statistics.has("hasNull") && !(statistics.boolean("hasNull") && maySayNull)) {
    expectEqual(`${what}: hasNull`, statistics.boolean("hasNull"), hasNull)
  }
  if (values.length === 0) return
  switch (type.kind) {
    case "boolean": {
      const counts = statistics.message("bucket", bucketStatistics).numbers("count")
      expectEqual(`${what}: count`, counts.join(), `${values.filter((value) => value === true).length}`)
      return
    }
    case "tinyint":
    case "smallint":
    case "int":
    case "bigint":
      checkIntegers(what, statistics, values.filter(isInteger).map(BigInt))
      return
    case "date": {
      const days = values.filter(isInteger).map(BigInt)
      const range = statistics.message("date", rangeStatistics)
      expectEqual(`${what}: minimum`, range.zigzag("minimum"), least(days))
      expectEqual(`${what}: maximum`, range.zigzag("maximum"), greatest(days))
      return
    }
    case "float":
    case "double":
      checkDoubles(
        what,
        statistics,
        values.filter((value) => typeof value === "number"),
      )
      return
    case "decimal":
      checkDecimals(what, statistics, values.filter(isDecimal), type.scale)
      return
    case "string":
    case "char":
    case "varchar":
      checkTexts(
        what,
        statistics,
        values.filter((value) => typeof value === "string").map((text) => Buffer.from(text)),
      )
      return
    case "binary": {
      const sizes = values.filter((value) => value instanceof Uint8Array).map((bytes) => bytes.length)
      const sum = statistics.message("binary", binaryStatistics).zigzag("sum")
      expectEqual(`${what}: sum`, sum, BigInt(sizes.reduce((total, size) => total + size, 0)))
      return
    }
    case "timestamp":
      checkTimestamps(what, statistics, values.filter(isTimestamp))
      return
    // What Java's writer says of the lengths of arrays and maps can be wrong, and no reader uses it.
    case "array":
    case "map":
    case "struct":
      return
  }
}

function checkIntegers(what: string, statistics: Statistics, values: readonly bigint[]) {
  const range = statistics.message("int", rangeStatistics)
  expectEqual(`${what}: minimum`, range.zigzag("minimum"), least(values))
  expectEqual(`${what}: maximum`, range.zigzag("maximum"), greatest(values))
  const sum = values.reduce((total, value) => total + value, 0n)
  if (range.has("sum")) {
    expectEqual(`${what}: sum`, range.zigzag("sum"), sum)
    return
  }
  // It is left out if it overflowed on the way, in whatever order values and groups were added.
  const most = values.reduce((total, value) => (value > 0n ? total + value : total), 0n)
  const fewest = values.reduce((total, value) => (value < 0n ? total + value : total), 0n)
  const mayOverflow = most >= 1n << 63n || fewest < -(1n << 63n)
  if (!mayOverflow) throw new Error(`${what} has no sum, which is ${sum}`)
}

function checkDoubles(what: string, statistics: Statistics, values: readonly number[]) {
  const range = statistics.message("double", rangeStatistics)
  const ordered = values.filter((value) => !Number.isNaN(value))
  if (ordered.length < values.length) return
  // Also of infinities of both signs: then readers do not look at the range.
  if (Number.isNaN(range.double("sum")) && !range.has("minimum") && !range.has("maximum")) return
  // Minus zero is equal to zero for readers.
  expectEqual(`${what}: minimum`, range.double("minimum") + 0, Math.min(...ordered) + 0)
  expectEqual(`${what}: maximum`, range.double("maximum") + 0, Math.max(...ordered) + 0)
  // Rounded at each step, in whatever order values and groups were added.
  const sum = ordered.reduce((total, value) => total + value, 0)
  const magnitude = ordered.reduce((total, value) => total + Math.abs(value), 0)
  const difference = Math.abs(range.double("sum") - sum)
  if (Number.isFinite(magnitude) && difference > magnitude * ordered.length * Number.EPSILON) {
    throw new Error(`${what}: sum is ${range.double("sum")}, but it should be ${sum}`)
  }
}

function checkDecimals(what: string, statistics: Statistics, values: readonly OrcDecimal[], scale: number) {
  const range = statistics.message("decimal", rangeStatistics)
  const unscaled = values.map((value) => value.unscaled)
  const parsed = (name: "minimum" | "maximum" | "sum") => parseDecimal(`${what}: ${name}`, range.text(name), scale)
  expectEqual(`${what}: minimum`, parsed("minimum"), least(unscaled))
  expectEqual(`${what}: maximum`, parsed("maximum"), greatest(unscaled))
  // Beyond 38 digits a sum is rounded or left out.
  const magnitude = unscaled.reduce((total, value) => total + (value < 0n ? -value : value), 0n)
  if (magnitude < 10n ** 38n) {
    expectEqual(
      `${what}: sum`,
      parsed("sum"),
      unscaled.reduce((total, value) => total + value, 0n),
    )
  }
}

/** Of more than 1,024 bytes there may be bounds in the place of the values. */
function checkTexts(what: string, statistics: Statistics, texts: readonly Buffer[]) {
  const sorted = texts.toSorted(Buffer.compare)
  const minimum = sorted[0] ?? Buffer.alloc(0)
  const maximum = sorted.at(-1) ?? Buffer.alloc(0)
  // Above so many of the last code point there is no bound.
  const hasNoBound = maximum.length > 1024 && maximum.toString().startsWith("\u{10ffff}".repeat(256))
  if (hasNoBound && !statistics.has("string")) return
  const range = statistics.message("string", stringStatistics)
  if (range.has("lowerBound") && minimum.length > 1024) {
    const lower = Buffer.from(range.text("lowerBound"))
    if (Buffer.compare(lower, minimum) > 0) throw new Error(`${what}: the lower bound is above the minimum`)
    if (range.has("minimum")) throw new Error(`${what} has both a minimum and a lower bound`)
  } else {
    expectEqual(`${what}: minimum`, range.text("minimum"), minimum.toString())
  }
  if (range.has("upperBound") && maximum.length > 1024) {
    const upper = Buffer.from(range.text("upperBound"))
    if (Buffer.compare(upper, maximum) < 0) throw new Error(`${what}: the upper bound is below the maximum`)
    if (range.has("maximum")) throw new Error(`${what} has both a maximum and an upper bound`)
  } else {
    expectEqual(`${what}: maximum`, range.text("maximum"), maximum.toString())
  }
  const sum = texts.reduce((total, text) => total + text.length, 0)
  expectEqual(`${what}: sum`, range.zigzag("sum"), BigInt(sum))
}

/** In milliseconds, and with what is below them if it is there, plus one. */
function checkTimestamps(what: string, statistics: Statistics, values: readonly OrcTimestamp[]) {
  const range = statistics.message("timestamp", timestampStatistics)
  const all = values.map(({ seconds, nanoseconds }) => BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds))
  for (const [edge, expected] of [
    ["minimum", least(all)],
    ["maximum", greatest(all)],
  ] as const) {
    if (expected === undefined) continue
    const milliseconds = expected / 1_000_000n - (expected % 1_000_000n < 0n ? 1n : 0n)
    expectEqual(`${what}: ${edge}Utc`, range.zigzag(`${edge}Utc`), milliseconds)
    if (range.has(edge)) expectEqual(`${what}: ${edge}`, range.zigzag(edge), milliseconds)
    if (range.has(`${edge}Nanos`)) {
      const rest = Number(expected - milliseconds * 1_000_000n)
      expectEqual(`${what}: ${edge}Nanos`, range.number(`${edge}Nanos`) - 1, rest)
    }
  }
}

function expectEqual<Value>(what: string, actual: Value, expected: Value) {
  if (actual !== expected) throw new Error(`${what} is ${actual}, but it should be ${expected}`)
}

function least(values: readonly bigint[]): bigint | undefined {
  return ascending(values)[0]
}

function greatest(values: readonly bigint[]): bigint | undefined {
  return ascending(values).at(-1)
}

function ascending(values: readonly bigint[]): readonly bigint[] {
  return values.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0))
}

function isInteger(value: LeafValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint"
}

function isDecimal(value: LeafValue): value is OrcDecimal {
  return typeof value === "object" && "unscaled" in value
}

function isTimestamp(value: LeafValue): value is OrcTimestamp {
  return typeof value === "object" && "seconds" in value
}

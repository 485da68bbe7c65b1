/** The reader with which the tests check ORC files, against files of another writer. See test/support/orc/make-golden.py. */
import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"
import { type HiveType, parseHiveType } from "../src/formats/columns/index.ts"
import { ByteStream } from "./support/orc/byte-stream.ts"
import type { OrcValue } from "./support/orc/orc-value.ts"
import { readOrc } from "./support/orc/read-orc.ts"
import { BooleanRuns, ByteRuns, type Decoder, IntegerRunsV1, IntegerRunsV2 } from "./support/orc/run-lengths.ts"

const folder = path.join("test", "fixtures", "orc")

interface Golden {
  readonly type: string
  readonly files: Readonly<Record<string, GoldenFacts>>
  readonly rows: readonly unknown[]
}

interface GoldenFacts {
  readonly compression: string
  readonly version: string
  /** Of each stripe. */
  readonly rowGroups: readonly number[]
  /** How many columns have one. */
  readonly bloomFilters: number
  /** How many times the rows follow one another in it. */
  readonly times: number
}

const goldens = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => {
    const golden: Golden = JSON.parse(readFileSync(path.join(folder, name), "utf8"))
    return { name: path.basename(name, ".json"), golden }
  })
const files = goldens.flatMap(({ name, golden }) =>
  Object.entries(golden.files).map(([variant, facts]) => ({ file: `${name}.${variant}.orc`, golden, facts })),
)

for (const { file, golden, facts } of files) {
  test(`${file} is read as it was written`, () => {
    const read = readOrc(readFileSync(path.join(folder, file)))
    const type = parseHiveType(golden.type)
    assert.deepEqual(read.schema, type)
    assert.deepEqual(
      read.rows.map((row) => asJson(type, row)),
      new Array(facts.times).fill(golden.rows).flat(1),
    )
    assert.deepEqual([read.compression, read.version], [facts.compression, facts.version])
    assert.deepEqual(
      read.stripes.map((stripe) => stripe.rowGroupCount),
      facts.rowGroups,
    )
    for (const stripe of read.stripes) assert.equal(stripe.bloomFilterColumns.length, facts.bloomFilters)
  })
}

test("Every golden file is read", () => {
  const found = readdirSync(folder).filter((name) => name.endsWith(".orc"))
  assert.deepEqual(found.sort(), files.map(({ file }) => file).sort())
  assert.ok(found.length >= 8)
})

// The examples of ORC's specification, and what they leave out.

const hundredToOne = Array.from({ length: 100 }, (_, index) => 100 - index)
const primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
const patched = [2030, 2000, 2020, 1_000_000, 2040, ...Array.from({ length: 15 }, (_, index) => 2050 + 10 * index)]
const integers = [
  ["v1, a run", IntegerRunsV1, false, "610007", new Array(100).fill(7)],
  ["v1, a run that falls", IntegerRunsV1, false, "61ff64", hundredToOne],
  ["v1, literals", IntegerRunsV1, false, "fb020306070b", [2, 3, 6, 7, 11]],
  ["v1, signed literals", IntegerRunsV1, true, "fd000103", [0, -1, -2]],
  ["v2, short repeat", IntegerRunsV2, false, "0a2710", new Array(5).fill(10_000)],
  ["v2, signed short repeat", IntegerRunsV2, true, "0003", new Array(3).fill(-2)],
  ["v2, direct", IntegerRunsV2, false, "5e035ca1ab1edeadbeef", [23_713, 43_806, 57_005, 48_879]],
  ["v2, patched base", IntegerRunsV2, false, "8e132b2107d01e00147028323c46505a646e78828c96a0aab4befce8", patched],
  ["v2, delta", IntegerRunsV2, false, "c609020222424246", primes],
  ["v2, delta that falls", IntegerRunsV2, true, "c603000128", [0, -1, -3, -11]],
  ["v2, fixed delta", IntegerRunsV2, true, "c0630003", Array.from({ length: 100 }, (_, index) => -2 * index)],
] as const

for (const [name, Runs, isSigned, hex, values] of integers) {
  test(`Integers are decoded: ${name}`, () => {
    assert.deepEqual(decoded(new Runs(stream(hex), isSigned), values.length), values.map(BigInt))
  })
}

test("Bytes and booleans are decoded", () => {
  assert.deepEqual(decoded(new ByteRuns(stream("6100")), 100), new Array(100).fill(0))
  assert.deepEqual(decoded(new ByteRuns(stream("fe4445")), 2), [0x44, 0x45])
  const bits = [true, ...new Array(7).fill(false)]
  assert.deepEqual(decoded(new BooleanRuns(stream("ff80")), 8), bits)
})

test("A stream that ends too early, or too late, is refused", () => {
  assert.throws(() => decoded(new IntegerRunsV2(stream("0a27"), false), 5), /the stream has 2 bytes, but 2 are needed/)
  assert.throws(() => decoded(new IntegerRunsV2(stream("0a2710"), false), 4), /the stream has 1 values more/)
  assert.throws(() => decoded(new ByteRuns(stream("fe444500")), 2), /the stream has 4 bytes, but 3 are needed/)
  assert.throws(() => decoded(new BooleanRuns(stream("ff81")), 3), /the stream has bits behind its end/)
})

function stream(hex: string): ByteStream {
  const bytes = Buffer.from(hex.replaceAll(" ", ""), "hex")
  return new ByteStream("the stream", bytes, { kind: "NONE", blockBytesMax: 0 })
}

function decoded<Value>(decoder: Decoder<Value>, count: number): readonly Value[] {
  const values = Array.from({ length: count }, () => decoder.next())
  decoder.finish()
  return values
}

/** As make-golden.py writes values. */
function asJson(type: HiveType, value: OrcValue): unknown {
  if (value === null) return null
  if (Array.isArray(value)) {
    const parts: readonly OrcValue[] = value
    switch (type.kind) {
      case "array":
        return parts.map((element) => asJson(type.element, element))
      case "map":
        return parts.map((pair) => {
          assert.ok(Array.isArray(pair))
          return [asJson(type.key, pair[0]), asJson(type.value, pair[1])]
        })
      case "struct":
        return type.fields.map((field, index) => asJson(field.type, parts[index] ?? null))
      default:
        assert.fail(`a ${type.kind} is ${JSON.stringify(value)}`)
    }
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex")
  if (typeof value === "bigint") return `${value}`
  if (typeof value === "number") return Number.isFinite(value) ? value : `${value}`
  if (typeof value !== "object") return value
  if ("seconds" in value) return [value.seconds, value.nanoseconds]
  assert.ok("unscaled" in value)
  const digits = `${value.unscaled < 0n ? -value.unscaled : value.unscaled}`.padStart(value.scale + 1, "0")
  const whole = digits.slice(0, digits.length - value.scale)
  const fraction = value.scale === 0 ? "" : `.${digits.slice(digits.length - value.scale)}`
  return `${value.unscaled < 0n ? "-" : ""}${whole}${fraction}`
}

/** The reader against a plain one, which makes objects of a record by JSON.parse and then values of those. */
import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { emptyRows, type HiveType, type RowType } from "../columns/index.ts"
import { openRowReader } from "./index.ts"
import type { Deserializer } from "./row-reader.ts"
import { hive, openx, readRecord, readValue, rowsOf } from "./testing.ts"

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** A value that its column can't take. */
class Mismatch extends Error {}

function plainly(type: HiveType, value: Json, deserializer: Deserializer): unknown {
  if (value === null) return null
  const isLenient = deserializer.kind === "openx"
  switch (type.kind) {
    case "boolean":
      if (typeof value === "boolean") return value
      if (typeof value === "string" && /^(true|false)$/i.test(value)) return value.toLowerCase() === "true"
      throw new Mismatch()
    case "tinyint":
      return Number(plainInteger(value, isLenient, 8))
    case "int":
      return Number(plainInteger(value, isLenient, 32))
    case "bigint":
      return plainInteger(value, isLenient, 64)
    case "double":
      if (typeof value === "number") return value
      if (isLenient && typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
      throw new Mismatch()
    case "string":
      if (typeof value !== "object") return String(value)
      if (!isLenient) throw new Mismatch()
      return plainText(value, deserializer)
    case "array":
      if (!isArray(value) && !isLenient) throw new Mismatch()
      return (isArray(value) ? value : [value]).map((element) => plainly(type.element, element, deserializer))
    case "map": {
      const members = new Map<string, unknown>()
      for (const [name, member] of Object.entries(plainObject(value))) {
        members.set(plainName(name, deserializer), plainly(type.value, member, deserializer))
      }
      return [...members]
    }
    case "struct": {
      if (isArray(value) && isLenient) {
        const fields = type.fields.map(({ name, type: field }, index) => {
          return [name, plainly(field, value[index] ?? null, deserializer)]
        })
        return Object.fromEntries(fields)
      }
      const members = new Map(type.fields.map((field): [string, unknown] => [field.name, null]))
      for (const [name, member] of Object.entries(plainObject(value))) {
        const field = type.fields.find((one) => one.name === name.toLowerCase())
        // Also one that another one comes after has to fit.
        if (field !== undefined) members.set(field.name, plainly(field.type, member, deserializer))
      }
      return Object.fromEntries(members)
    }
    default:
      throw new Error(`The plain reader knows no ${type.kind}`)
  }
}

function plainInteger(value: Json, isLenient: boolean, bits: number): bigint {
  const isNumber = typeof value === "number" || (typeof value === "string" && isLenient)
  if (!isNumber || !/^-?\d+$/.test(String(value))) throw new Mismatch()
  const integer = BigInt(value)
  if (BigInt.asIntN(bits, integer) !== integer) throw new Mismatch()
  return integer
}

function plainText(value: Json, deserializer: Deserializer): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  if (isArray(value)) return `[${value.map((element) => plainText(element, deserializer)).join(",")}]`
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(plainName(name, deserializer))}:${plainText(member, deserializer)}`,
  )
  return `{${members.join(",")}}`
}

const plainName = (name: string, { kind }: Deserializer) => (kind === "openx" ? name.toLowerCase() : name)

function plainObject(value: Json): { readonly [name: string]: Json } {
  if (typeof value !== "object" || value === null || isArray(value)) throw new Mismatch()
  return value
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

const names = ["a", "b", "key", "é", "with space"]

const kinds = ["boolean", "tinyint", "int", "bigint", "double", "string"] as const

const type: fc.Arbitrary<HiveType> = fc.letrec<{ type: HiveType; struct: RowType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(...kinds).map((kind) => ({ kind })),
    tie("type").map((element): HiveType => ({ kind: "array", element })),
    tie("type").map((value): HiveType => ({ kind: "map", key: { kind: "string" }, value })),
    tie("struct"),
  ),
  struct: structOf(tie("type")),
})).type

function structOf(field: fc.Arbitrary<HiveType>): fc.Arbitrary<RowType> {
  const fields = fc.uniqueArray(fc.record({ name: fc.constantFrom(...names), type: field }), {
    selector: ({ name }) => name,
    minLength: 1,
  })
  return fields.map((all) => ({ kind: "struct", fields: all }))
}

const table = structOf(type)

/** A name that is mostly one that a column has, in any case. */
const memberName = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...names, ...names.map((name) => name.toUpperCase()), "Key", "other") },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme" }).filter((name) => !/^\d/.test(name) && name !== "__proto__") },
)

const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -130, max: 130 }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("true", "FALSE", "5", "-129", "9223372036854775808", "1.5"),
)

const anyJson: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(memberName, tie("value"), { maxKeys: 4 }),
  ),
})).value

/** Values that a column of the type mostly takes. */
function jsonOf(of: HiveType): fc.Arbitrary<Json> {
  return fc.oneof({ weight: 40, arbitrary: fittingOf(of) }, { weight: 1, arbitrary: anyJson })
}

function fittingOf(of: HiveType): fc.Arbitrary<Json> {
  switch (of.kind) {
    case "boolean":
      return fc.boolean()
    case "tinyint":
      return fc.integer({ min: -128, max: 127 })
    case "int":
      return fc.integer()
    case "bigint":
      return fc.maxSafeInteger()
    case "double":
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value))
    case "array":
      return fc.array(jsonOf(of.element), { maxLength: 4 })
    case "map":
      return fc.dictionary(memberName, jsonOf(of.value), { maxKeys: 4 })
    case "struct": {
      const members = of.fields.map(({ name, type: field }) =>
        fc.record({ name: fc.constantFrom(name, name, name.toUpperCase()), value: jsonOf(field) }),
      )
      const some = fc.tuple(...members).chain((all) => fc.shuffledSubarray(all))
      const others = fc.dictionary(memberName, anyJson, { maxKeys: 1 })
      return fc.tuple(some, others).map(([own, other]) => ({
        ...Object.fromEntries(own.map(({ name, value }) => [name, value])),
        ...other,
      }))
    }
    default:
      return fc.string({ unit: "grapheme" })
  }
}

/** A row's object as JSON, with space between tokens and a name that is there twice, or not. */
function textOf(row: { readonly [name: string]: Json }, indent: number, isTwice: boolean): string {
  const text = JSON.stringify(row, null, indent)
  const [first] = Object.keys(row)
  return isTwice && first !== undefined ? `{${JSON.stringify(first)}:null,${text.slice(1)}` : text
}

const record = table.chain((of) =>
  fc.record({
    table: fc.constant(of),
    deserializer: fc.constantFrom<Deserializer>(openx, hive),
    rows: fc.array(jsonOf(of).filter(isPlainObject), { minLength: 1, maxLength: 3 }),
    indent: fc.constantFrom(0, 0, 1),
    isTwice: fc.boolean(),
  }),
)

function isPlainObject(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !isArray(value)
}

test("Records of any table are read as a plain reader does, or refused when it refuses them", () => {
  let takenCount = 0
  fc.assert(
    fc.property(record, ({ table: of, deserializer, rows, indent, isTwice }) => {
      const texts = rows.map((row) => textOf(row, indent, isTwice))
      const read = readRecord(of, deserializer, texts.join(indent === 0 ? "" : "\n"))
      let wanted: unknown
      try {
        wanted = texts.map((text) => plainly(of, JSON.parse(text), deserializer))
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error
        assert.ok(!Array.isArray(read), "the plain reader refuses it")
        assert.equal(read.code, "DataFormatConversion.MalformedData")
        return
      }
      takenCount++
      assert.deepEqual(read, wanted)
    }),
    { numRuns: 2000 },
  )
  assert.ok(takenCount > 500, `only ${takenCount} records were taken`)
})

test("What becomes of a record depends on no other one", () => {
  const records = table.chain((of) =>
    fc.record({
      table: fc.constant(of),
      texts: fc.array(
        jsonOf(of).map((row) => JSON.stringify(row)),
        { maxLength: 8 },
      ),
      cut: fc.nat(),
    }),
  )
  fc.assert(
    fc.property(records, ({ table: of, texts, cut }) => {
      const all = texts.map((text, index) => (index === cut % 8 ? text.slice(0, cut % (text.length + 1)) : text))
      const reader = openRowReader(of, openx)
      const rows = emptyRows(of)
      const memory = Buffer.alloc(100_000)
      for (const text of all) reader.read(memory, 0, memory.write(text), rows)
      const alone = all.map((text) => readRecord(of, openx, text)).flatMap((read) => (Array.isArray(read) ? read : []))
      assert.deepEqual(rowsOf(of, rows), alone)
    }),
    { numRuns: 300 },
  )
})

test("Plain values of all kinds are read as the others are, by whatever bytes they are followed", () => {
  const of: RowType = {
    kind: "struct",
    fields: [
      ...(["string", "int", "bigint", "double", "boolean", "timestamp"] as const).map((kind) => ({
        name: kind,
        type: { kind },
      })),
      { name: "narrow", type: { kind: "decimal", precision: 4, scale: 1 } },
      { name: "wide", type: { kind: "decimal", precision: 38, scale: 20 } },
    ],
  }
  const value = fc.oneof(
    fc.constantFrom(
      "true",
      "false",
      "tru",
      "null",
      "0",
      "-0",
      "01",
      "-1",
      "1.",
      "1.5",
      "1e2",
      "2147483648",
      "9007199254740993",
    ),
    fc.constantFrom('"2026-11-20 12:40:07.5"', '"2026-11-20T12:40:07Z"', '"2026-02-30 00:00:00"', '"2026-11-20"'),
    fc
      .string({ unit: fc.constantFrom("a", "/", '\\"', "\\\\", "\\u0041", '"', "\u0001", "é", "}", ",") })
      .map((text) => `"${text}"`),
  )
  const row = fc.record(Object.fromEntries(of.fields.map(({ name }) => [name, value])))
  fc.assert(
    fc.property(row, fc.constantFrom("", ",", "}", '"', " "), (values, mark) => {
      readRecord(of, openx, `{${Object.entries(values).map(([name, json]) => `"${name}":${json}`)}${mark}}`)
      for (const [name, json] of Object.entries(values)) readRecord(of, hive, `{"${name}":${json}${mark}}`)
    }),
    { numRuns: 2000 },
  )
})

const tokens = ["{", "}", "[", "]", ",", ":", '"a"', '"b"', '"\\u0041"', '"\\ud800"', '"\\x"', '"\n"', '"é"', "1", "-0"]
const oddTokens = [
  "-",
  "01",
  "1.",
  ".5",
  "1e5",
  "1e",
  "+1",
  "NaN",
  "true",
  "nul",
  "null",
  " ",
  "\t",
  "\u0000",
  "\u00a0",
  '"',
]

/** Whether a text is values that JSON.parse takes, one after the other. */
function isSequence(text: string): boolean {
  const ends = new Set([0])
  for (const start of ends) {
    const rest = text.slice(start)
    if (/^[ \t\r\n]*$/.test(rest)) return true
    // A number ends where no more can be of it.
    const [number] = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/.exec(rest) ?? []
    if (number !== undefined) ends.add(start + number.length)
    else for (let end = start + 1; end <= text.length; end++) if (isJson(text.slice(start, end))) ends.add(end)
  }
  return false
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    assert.ok(error instanceof SyntaxError)
    return false
  }
}

test("What JSON.parse refuses is refused, and what it takes is no malformed JSON", () => {
  const of: RowType = {
    kind: "struct",
    fields: [
      { name: "a", type: { kind: "string" } },
      { name: "b", type: { kind: "array", element: { kind: "int" } } },
    ],
  }
  const soup = fc.array(fc.constantFrom(...tokens, ...oddTokens), { maxLength: 12 }).map((all) => all.join(""))
  const mutated = fc
    .record({
      value: fc.jsonValue(),
      at: fc.nat(),
      by: fc.oneof(fc.constantFrom(...tokens, ...oddTokens), fc.string()),
    })
    .map(({ value, at, by }) => {
      const text = JSON.stringify({ a: value, b: value })
      const where = at % (text.length + 1)
      return text.slice(0, where) + by + text.slice(where + (at % 3))
    })
  const text = fc.oneof(
    soup,
    soup.map((inner) => `{"a":${inner}}`),
    fc.json(),
    mutated,
  )
  fc.assert(
    fc.property(text, (json) => {
      const read = readRecord(of, openx, json)
      if (isSequence(json)) assert.ok(Array.isArray(read) || read.code === "DataFormatConversion.MalformedData")
      else {
        assert.ok(!Array.isArray(read))
        // Control characters are told apart.
        if (!/CTRL-CHAR/.test(read.message)) assert.equal(read.code, "DataFormatConversion.ParseError")
      }
    }),
    { numRuns: 5000 },
  )
})

test("Bytes that were changed anywhere are read or refused, and leave nothing behind when refused", () => {
  const of: RowType = {
    kind: "struct",
    fields: [
      { name: "s", type: { kind: "string" } },
      { name: "m", type: { kind: "map", key: { kind: "string" }, value: { kind: "varchar", length: 2 } } },
      {
        name: "l",
        type: { kind: "array", element: { kind: "struct", fields: [{ name: "x", type: { kind: "date" } }] } },
      },
      { name: "t", type: { kind: "timestamp" } },
      { name: "d", type: { kind: "decimal", precision: 8, scale: 3 } },
      { name: "f", type: { kind: "float" } },
    ],
  }
  const whole =
    '{"s":"aé€😀\\u00e9","m":{"k":"xyz","K":"é€"},"l":[{"x":"2026-11-20"},null],"t":1.5e9,"d":-12.3456,"f":1e3}'
  const changes = fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255), removed: fc.nat(3) }), { maxLength: 4 })
  fc.assert(
    fc.property(changes, fc.constantFrom<Deserializer>(openx, hive), (all, deserializer) => {
      let bytes = Buffer.from(whole)
      for (const { at, byte, removed } of all) {
        const where = at % bytes.length
        bytes = Buffer.concat([bytes.subarray(0, where), Buffer.of(byte), bytes.subarray(where + removed)])
      }
      const read = readRecord(of, deserializer, bytes)
      if (!Array.isArray(read)) assert.match(read.code, /^DataFormatConversion\.(ParseError|MalformedData)$/)
      // Lossy as it is, what is decoded is what was there if it was UTF-8.
      else assert.deepEqual(Buffer.from(bytes.toString()), bytes)
    }),
    { numRuns: 5000 },
  )
})

const double: HiveType = { kind: "double" }

test("A number is read as the double that is nearest to it", () => {
  const text = fc.oneof(
    fc.stringMatching(/^-?(0|[1-9]\d{0,25})(\.\d{1,25})?([eE][+-]?\d{1,3})?$/),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
    fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }).map(String),
  )
  fc.assert(
    fc.property(text, fc.boolean(), (json, isQuoted) => {
      const read = readValue(double, openx, isQuoted ? `"${json}"` : json)
      if (Number.isFinite(Number(json))) assert.equal(read, Number(json))
      else assert.equal(read, `Data does not match the schema. For input string: "${json}"`)
    }),
    { numRuns: 3000 },
  )
})

test("A bigint is read exactly, or refused when 64 bits don't hold it", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }), fc.boolean(), (value, isQuoted) => {
      const read = readValue({ kind: "bigint" }, openx, isQuoted ? `"${value}"` : `${value}`)
      const wanted = `Data does not match the schema. For input string: "${value}"`
      assert.equal(read, BigInt.asIntN(64, value) === value ? value : wanted)
    }),
  )
})

test("A decimal is rounded half up to its scale, or refused when it has too many digits", () => {
  const given = fc.record({
    sign: fc.constantFrom("", "-"),
    whole: fc.stringMatching(/^(0|[1-9]\d{0,12})$/),
    fraction: fc.stringMatching(/^\d{1,8}$/),
    exponent: fc.integer({ min: -15, max: 15 }),
    precision: fc.integer({ min: 1, max: 38 }),
    scale: fc.nat(38),
  })
  fc.assert(
    fc.property(given, ({ sign, whole, fraction, exponent, precision, scale: anyScale }) => {
      const scale = Math.min(anyScale, precision)
      const json = `${sign}${whole}.${fraction}e${exponent}`
      // The value is numerator / denominator, both of them large enough for any of the exponents.
      const numerator = BigInt(whole + fraction) * 10n ** BigInt(20 + exponent + scale)
      const denominator = 10n ** BigInt(20 + fraction.length)
      const size = (2n * numerator + denominator) / (2n * denominator)
      const read = readValue({ kind: "decimal", precision, scale }, openx, json)
      if (size < 10n ** BigInt(precision)) assert.equal(read, sign === "-" ? -size : size)
      else assert.equal(read, `Data does not match the schema. For input string: "${json}"`)
    }),
    { numRuns: 3000 },
  )
})

test("Any date and time of four digits is read as it was written", () => {
  const dates = fc.date({
    min: new Date("0001-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59.999Z"),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(dates, (date) => {
      const iso = date.toISOString()
      const seconds = Math.floor(date.getTime() / 1000)
      const wanted = [seconds, (date.getTime() - seconds * 1000) * 1_000_000]
      for (const text of [iso, iso.slice(0, -1), iso.slice(0, -1).replace("T", " ")]) {
        assert.deepEqual(readValue({ kind: "timestamp" }, openx, JSON.stringify(text)), wanted)
      }
      const shortened = iso
        .slice(0, -1)
        .replace("T", " ")
        .replace(/([-: ])0/g, "$1")
      assert.deepEqual(readValue({ kind: "timestamp" }, hive, JSON.stringify(shortened)), wanted)
      const days = Math.floor(date.getTime() / 86_400_000)
      assert.equal(readValue({ kind: "date" }, openx, JSON.stringify(iso.slice(0, 10))), days)
    }),
    { numRuns: 500 },
  )
})

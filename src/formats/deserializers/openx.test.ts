import assert from "node:assert/strict"
import { test } from "node:test"
import { emptyRows, type HiveType, type PlainKind, type RowType } from "../columns/index.ts"
import { openRowReader } from "./index.ts"
import { openx, readRecord, readValue } from "./testing.ts"

const plain = (kind: PlainKind): HiveType => ({ kind })
const decimal = (precision: number, scale: number): HiveType => ({ kind: "decimal", precision, scale })
const array = (element: HiveType): HiveType => ({ kind: "array", element })
const map = (key: HiveType, value: HiveType): HiveType => ({ kind: "map", key, value })
const struct = (fields: Readonly<Record<string, HiveType>>): RowType => ({
  kind: "struct",
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
})
const noNumber = (text: string) => `Data does not match the schema. For input string: "${text}"`

/** Type, JSON, and what comes of it. */
const values: readonly (readonly [HiveType, string, unknown])[] = [
  [plain("boolean"), "true", true],
  [plain("boolean"), "false", false],
  [plain("boolean"), '"TRUE"', true],
  [plain("boolean"), '"false"', false],
  [plain("boolean"), '"yes"', noNumber("yes")],
  [plain("boolean"), "1", noNumber("1")],
  [plain("tinyint"), "127", 127],
  [plain("tinyint"), "-128", -128],
  [plain("tinyint"), "128", noNumber("128")],
  [plain("tinyint"), "-129", noNumber("-129")],
  [plain("smallint"), "32767", 32_767],
  [plain("smallint"), "32768", noNumber("32768")],
  [plain("smallint"), "-32769", noNumber("-32769")],
  [plain("int"), "2147483647", 2_147_483_647],
  [plain("int"), "-2147483648", -2_147_483_648],
  [plain("int"), "2147483648", noNumber("2147483648")],
  [plain("int"), "-0", 0],
  [plain("int"), '"42"', 42],
  [plain("int"), '"+42"', 42],
  [plain("int"), '"0042"', 42],
  [plain("int"), '"0x2A"', 42],
  [plain("int"), '"\\u0034\\u0032"', 42],
  [plain("int"), '"2147483648"', noNumber("2147483648")],
  [plain("int"), '"oops"', noNumber("oops")],
  [plain("int"), '""', noNumber("")],
  [plain("int"), '" 42"', noNumber(" 42")],
  [plain("int"), "1.0", noNumber("1.0")],
  [plain("int"), "1e2", noNumber("1e2")],
  [plain("int"), "true", noNumber("true")],
  [plain("int"), "[1, 2]", noNumber("[1, 2]")],
  [plain("int"), '{"b":1}', noNumber('{"b":1}')],
  // Digits that are added as what they are keep to what a double holds exactly.
  [plain("bigint"), "9007199254740969", 9_007_199_254_740_969n],
  [plain("bigint"), "9007199254740991", 9_007_199_254_740_991n],
  [plain("bigint"), "9007199254740992", 9_007_199_254_740_992n],
  [plain("bigint"), "9007199254740993", 9_007_199_254_740_993n],
  [plain("bigint"), "-9007199254740993", -9_007_199_254_740_993n],
  [plain("bigint"), "9223372036854775807", 2n ** 63n - 1n],
  [plain("bigint"), "-9223372036854775808", -(2n ** 63n)],
  [plain("bigint"), "9223372036854775808", noNumber("9223372036854775808")],
  [plain("bigint"), "-9223372036854775809", noNumber("-9223372036854775809")],
  [plain("bigint"), '"9223372036854775807"', 2n ** 63n - 1n],
  [plain("bigint"), '"-0x10"', -16n],
  [plain("bigint"), "1.9", noNumber("1.9")],
  [plain("bigint"), '"1.9"', noNumber("1.9")],
  [plain("float"), "1.1", Math.fround(1.1)],
  [plain("float"), '"1.5"', 1.5],
  [plain("float"), '"NaN"', Number.NaN],
  [plain("float"), '"-Infinity"', Number.NEGATIVE_INFINITY],
  [plain("float"), "3.5e38", noNumber("3.5e38")],
  [plain("float"), '"3.5e38"', noNumber("3.5e38")],
  [plain("double"), "632.48", 632.48],
  [plain("double"), "-1e-7", -1e-7],
  [plain("double"), "-0", -0],
  [plain("double"), "0.1234567890123456789", 0.12345678901234568],
  [plain("double"), "123456789012345680000", 123456789012345680000],
  [plain("double"), "5e-324", 5e-324],
  [plain("double"), "1.7976931348623157e308", 1.7976931348623157e308],
  [plain("double"), "1e400", noNumber("1e400")],
  [plain("double"), '"1e400"', noNumber("1e400")],
  [plain("double"), '" 1.5 "', 1.5],
  [plain("double"), '"1.5d"', 1.5],
  [plain("double"), '".5"', 0.5],
  [plain("double"), '"5."', 5],
  [plain("double"), '"NaN"', Number.NaN],
  [plain("double"), '"Infinity"', Number.POSITIVE_INFINITY],
  [plain("double"), '"+Infinity"', Number.POSITIVE_INFINITY],
  [plain("double"), '"-Infinity"', Number.NEGATIVE_INFINITY],
  [plain("double"), '"nan"', noNumber("nan")],
  [plain("double"), '"0x10"', noNumber("0x10")],
  [plain("double"), '"oops"', noNumber("oops")],
  [plain("double"), "false", noNumber("false")],
  [decimal(10, 2), "1.005", 101n],
  [decimal(10, 2), "-1.005", -101n],
  [decimal(10, 2), "1.0049", 100n],
  [decimal(10, 2), '"12.5"', 1250n],
  [decimal(10, 2), "1e3", 100_000n],
  [decimal(10, 2), "12345678.99", 1_234_567_899n],
  [decimal(10, 2), "123456789.99", noNumber("123456789.99")],
  [decimal(10, 2), "99999999.995", noNumber("99999999.995")],
  [decimal(10, 2), "1e1000000000", noNumber("1e1000000000")],
  [decimal(10, 2), "1e-1000000000", 0n],
  [decimal(10, 2), "0e1000000000", 0n],
  [decimal(2, 2), "0.99", 99n],
  [decimal(2, 2), "0.001", 0n],
  [decimal(2, 2), "0.005", 1n],
  [decimal(38, 0), "99999999999999999999999999999999999999", 10n ** 38n - 1n],
  [decimal(10, 2), '"1,5"', noNumber("1,5")],
  [decimal(10, 2), '"."', noNumber(".")],
  [decimal(10, 2), "true", noNumber("true")],
  [plain("string"), '"text"', "text"],
  [plain("string"), '""', ""],
  [plain("string"), '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20ac\\ud83d\\ude00"', '"\\/\b\f\n\r\tAé€😀'],
  [plain("string"), '"é€😀"', "é€😀"],
  [plain("string"), "1.50", "1.50"],
  [plain("string"), "12345678901234567890", "12345678901234567890"],
  [plain("string"), "true", "true"],
  [plain("string"), '{ "A" : [ 1, "x y" , {"B\\u0043": null} ] }', '{"a":[1,"x y",{"bc":null}]}'],
  [plain("string"), '[ "A: " , 1.50 ]', '["A: ",1.50]'],
  [
    plain("string"),
    '"\\ud800"',
    'Data does not match the schema. The text "\\ud800" has half of a surrogate pair, which is no character',
  ],
  [{ kind: "varchar", length: 3 }, '"äöüß"', "äöü"],
  [{ kind: "varchar", length: 3 }, '"a😀😀😀"', "a😀😀"],
  [{ kind: "char", length: 3 }, '"ab"', "ab"],
  [{ kind: "char", length: 3 }, "12345", "123"],
  [plain("binary"), '"aGk="', "aGk="],
  [plain("binary"), '"aGk"', "aGk="],
  [plain("binary"), '""', ""],
  [plain("binary"), '"a?k="', noNumber("a?k=")],
  [plain("binary"), '"aGk=="', noNumber("aGk==")],
  [plain("binary"), "5", noNumber("5")],
  [plain("date"), '"1970-01-02"', 1],
  [plain("date"), '"2026-1-2"', 20_455],
  [plain("date"), '"2024-02-29"', 19_782],
  [plain("date"), '"0001-01-01"', -719_162],
  [plain("date"), '"9999-12-31"', 2_932_896],
  [plain("date"), '"2026-02-29"', noNumber("2026-02-29")],
  [plain("date"), '"2026-13-01"', noNumber("2026-13-01")],
  [plain("date"), '"x026-01-01"', noNumber("x026-01-01")],
  [plain("date"), '"26-01-01"', noNumber("26-01-01")],
  [plain("date"), '"2026-01-01T00:00:00Z"', noNumber("2026-01-01T00:00:00Z")],
  [plain("date"), "20455", noNumber("20455")],
  [plain("timestamp"), '"2017-02-07T15:13:01.39256Z"', [1_486_480_381, 392_560_000]],
  [plain("timestamp"), '"2017-02-07T15:13:01"', [1_486_480_381, 0]],
  [plain("timestamp"), '"2017-02-07T15:13:01.123456789Z"', [1_486_480_381, 123_456_789]],
  [plain("timestamp"), '"2017-02-07T15:13:01.1234567891Z"', noNumber("2017-02-07T15:13:01.1234567891Z")],
  [plain("timestamp"), '"2017-02-07T15:13Z"', noNumber("2017-02-07T15:13Z")],
  [plain("timestamp"), '"2017-2-07T15:13:01Z"', noNumber("2017-2-07T15:13:01Z")],
  [plain("timestamp"), '"2017-02-07T15:13:01+01:00"', noNumber("2017-02-07T15:13:01+01:00")],
  [plain("timestamp"), '"2017-02-07 15:13:01.14"', [1_486_480_381, 140_000_000]],
  [plain("timestamp"), '"2017-2-7 5:3:1"', [1_486_443_781, 0]],
  [plain("timestamp"), '"2017-02-07 15:13:01Z"', noNumber("2017-02-07 15:13:01Z")],
  [plain("timestamp"), '"x017-02-07 15:13:01"', noNumber("x017-02-07 15:13:01")],
  [plain("timestamp"), '"20x7-02-07 15:13:01"', noNumber("20x7-02-07 15:13:01")],
  [plain("timestamp"), '"201-02-07 15:13:01"', noNumber("201-02-07 15:13:01")],
  [plain("timestamp"), '"2017-02-0x 15:13:01"', noNumber("2017-02-0x 15:13:01")],
  [plain("timestamp"), '"2017-02-07 15:13:0x"', noNumber("2017-02-07 15:13:0x")],
  [plain("timestamp"), '"2017-02-07 15:13:01.1234567890"', noNumber("2017-02-07 15:13:01.1234567890")],
  [plain("timestamp"), '"2017-02-07 15:13:01.12x"', noNumber("2017-02-07 15:13:01.12x")],
  [plain("timestamp"), '"2017-02-07 5:13:01.5"', [1_486_444_381, 500_000_000]],
  [plain("timestamp"), '"2017-02-07T15:13:01.Z"', noNumber("2017-02-07T15:13:01.Z")],
  [plain("timestamp"), '"2017-02-07T15:13:01ZZ"', noNumber("2017-02-07T15:13:01ZZ")],
  [plain("timestamp"), '"0001-01-01T00:00:00"', [-62_135_596_800, 0]],
  [plain("timestamp"), '"2017-02-07 15:13"', noNumber("2017-02-07 15:13")],
  [plain("timestamp"), '"2017-02-07 24:00:00"', noNumber("2017-02-07 24:00:00")],
  [plain("timestamp"), '"2017-02-07 15:60:00"', noNumber("2017-02-07 15:60:00")],
  [plain("timestamp"), '"2017-02-07 15:13:01."', noNumber("2017-02-07 15:13:01.")],
  [plain("timestamp"), '"2017-02-30 15:13:01"', noNumber("2017-02-30 15:13:01")],
  [plain("timestamp"), '"1969-12-31 23:59:59.5"', [-1, 500_000_000]],
  [plain("timestamp"), "1518033528", [1_518_033_528, 0]],
  [plain("timestamp"), '"1518033528"', [1_518_033_528, 0]],
  [plain("timestamp"), "1518033528123", [1_518_033_528, 123_000_000]],
  [plain("timestamp"), '"1518033528123"', [1_518_033_528, 123_000_000]],
  [plain("timestamp"), "1518033528.123456789", [1_518_033_528, 123_456_789]],
  [plain("timestamp"), "1518033528.1234567891", noNumber("1518033528.1234567891")],
  [plain("timestamp"), "1.518033528123E9", [1_518_033_528, 123_000_000]],
  [plain("timestamp"), "1518033528123.5", [1_518_033_528, 123_500_000]],
  [plain("timestamp"), "-1.5", [-2, 500_000_000]],
  [plain("timestamp"), "-1", [-1, 0]],
  [plain("timestamp"), "-1518033528123", [-1_518_033_529, 877_000_000]],
  [plain("timestamp"), "0", [0, 0]],
  [plain("timestamp"), "1000000000000", [1_000_000_000, 0]],
  // Later than nanoseconds of 64 bits reach, as was measured.
  [plain("timestamp"), "999999999999", [3_875_820_018, 684_212_736]],
  [plain("timestamp"), "9223372036", [9_223_372_036, 0]],
  [plain("timestamp"), "9223372037", [-9_223_372_037, 290_448_384]],
  [plain("timestamp"), "99999999999999999999", noNumber("99999999999999999999")],
  [plain("timestamp"), "1e70", noNumber("1e70")],
  [plain("timestamp"), "1e999", noNumber("1e999")],
  [plain("timestamp"), '"soon"', noNumber("soon")],
  [plain("timestamp"), "true", noNumber("true")],
  [array(plain("int")), "[1, null, 3]", [1, null, 3]],
  [array(plain("int")), "[]", []],
  [array(plain("int")), "5", [5]],
  [array(plain("int")), '"5"', [5]],
  [array(plain("string")), '""', [""]],
  [array(plain("string")), '[["a", "b"], {"C": 1}, 2]', ['["a","b"]', '{"c":1}', "2"]],
  [array(array(plain("int"))), "5", [[5]]],
  [array(struct({ b: plain("int") })), '{"b":1}', [{ b: 1 }]],
  [array(struct({ b: plain("int") })), '[{"b":"oops"}]', noNumber("oops")],
  [
    map(plain("string"), plain("int")),
    '{"Key": 1, "other": null}',
    [
      ["key", 1],
      ["other", null],
    ],
  ],
  [map(plain("string"), plain("int")), "{}", []],
  [map(plain("string"), plain("int")), '{"É": 1}', [["é", 1]]],
  [
    map(plain("string"), plain("int")),
    '{"k": 1, "l": 2, "K": 3}',
    [
      ["k", 3],
      ["l", 2],
    ],
  ],
  [
    map(plain("string"), array(plain("int"))),
    '{"k": [1], "l": [], "k": [2, 3]}',
    [
      ["k", [2, 3]],
      ["l", []],
    ],
  ],
  [
    map(plain("int"), plain("string")),
    '{"1": "a", "+2": "b"}',
    [
      [1, "a"],
      [2, "b"],
    ],
  ],
  [map(plain("date"), plain("int")), '{"1970-01-02": 1}', [[1, 1]]],
  [map(plain("int"), plain("string")), '{"x": "a"}', 'Data does not match the schema. The map key "x" is no int'],
  [map(plain("string"), plain("int")), "[1]", "Data does not match the schema. A JSON object is required."],
  [map(plain("string"), plain("int")), '"x"', "Data does not match the schema. A JSON object is required."],
  [struct({ b: plain("int"), c: plain("string") }), '{"C": "x", "d": 1}', { b: null, c: "x" }],
  [struct({ b: plain("int"), c: plain("string") }), "{}", { b: null, c: null }],
  [struct({ b: plain("int"), c: plain("string") }), '[1, "x", 5]', { b: 1, c: "x" }],
  [struct({ b: plain("int"), c: plain("string") }), "[1]", { b: 1, c: null }],
  [struct({ b: plain("int"), c: plain("string") }), "[]", { b: null, c: null }],
  [struct({ b: struct({ c: struct({ d: plain("int") }) }) }), '{"B":{"C":{"D":1}}}', { b: { c: { d: 1 } } }],
  [
    struct({ b: plain("int") }),
    "42",
    "Data does not match the schema. Data is not JSONObject  but java.lang.Long with value 42",
  ],
  [
    struct({ b: plain("int") }),
    '"x"',
    "Data does not match the schema. Data is not JSONObject  but java.lang.String with value x",
  ],
  [
    struct({ b: plain("int") }),
    "1.5",
    "Data does not match the schema. Data is not JSONObject  but java.lang.Double with value 1.5",
  ],
  [
    struct({ b: plain("int") }),
    "true",
    "Data does not match the schema. Data is not JSONObject  but java.lang.Boolean with value true",
  ],
]

for (const [type, json, wanted] of values) {
  test(`OpenX reads ${json} into ${JSON.stringify(type)}`, () => {
    assert.deepEqual(readValue(type, openx, json), wanted)
  })
}

for (const text of ["\\ud800", "\\udc00", "\\udc00\\udc00", "\\ud800\\ud800", "a\\ud83dx", "\\ud800\\n\\udc00"]) {
  test(`OpenX takes no text that has a half of a surrogate pair: ${text}`, () => {
    const message = `Data does not match the schema. The text "${text}" has half of a surrogate pair, which is no character`
    assert.equal(readValue(plain("string"), openx, `"${text}"`), message)
    assert.deepEqual(readRecord(struct({ id: plain("int") }), openx, `{"other":"${text}"}`), [{ id: null }])
  })
}

test("OpenX reads null into a column of any type as null", () => {
  for (const type of new Set(values.map(([type]) => type))) assert.equal(readValue(type, openx, "null"), null)
})

const columns = struct({
  id: plain("int"),
  user_name: plain("string"),
  ts: plain("timestamp"),
  tags: array(plain("int")),
})
const nothing = { id: null, user_name: null, ts: null, tags: null }

test("Columns are matched by name; what is missing is null, and what no column has is dropped", () => {
  assert.deepEqual(readRecord(columns, openx, '{"tags":[1],"no":{"id":[5]},"id":1}'), [
    { ...nothing, id: 1, tags: [1] },
  ])
  assert.deepEqual(readRecord(columns, openx, "{}"), [nothing])
})

test("A record may hold several objects, with or without space between", () => {
  const read = readRecord(columns, openx, '{"id":1}{"ID":2}\n\t {"tags":[3],"id":3}\r\n')
  assert.deepEqual(read, [
    { ...nothing, id: 1 },
    { ...nothing, id: 2 },
    { ...nothing, id: 3, tags: [3] },
  ])
})

test("Of a name that is there twice the last value counts, also in another case", () => {
  assert.deepEqual(readRecord(columns, openx, '{"id":1,"tags":[1,2],"Id":2,"tags":null,"TAGS":[3]}'), [
    { ...nothing, id: 2, tags: [3] },
  ])
})

test("Names are compared whatever their case and escapes, unless that is turned off", () => {
  const table = struct({ größe: plain("int"), id: plain("int") })
  assert.deepEqual(readRecord(table, openx, '{"GRÖSSE":1,"GRÖßE":2,"\\u0049d":3}'), [{ größe: 2, id: 3 }])
  const exact = { ...openx, caseInsensitive: false }
  assert.deepEqual(readRecord(table, exact, '{"Größe":1,"gr\\u00f6ße":2,"Id":3}'), [{ größe: 2, id: null }])
  const nested = struct({ person: struct({ name: plain("string") }), m: map(plain("string"), plain("int")) })
  assert.deepEqual(readRecord(nested, exact, '{"person":{"NAME":"Bob"},"m":{"Key":1}}'), [
    { person: { name: null }, m: [["Key", 1]] },
  ])
  assert.deepEqual(readValue(plain("string"), exact, '{"A": 1}'), '{"A":1}')
})

test("Dots in names count as underscores when that is asked for, at any depth", () => {
  const table = struct({ a_b: struct({ c_d: plain("int") }) })
  const dots = { ...openx, convertDotsInJsonKeysToUnderscores: true }
  assert.deepEqual(readRecord(table, dots, '{"A.b":{"c.D":1}}'), [{ a_b: { c_d: 1 } }])
  assert.deepEqual(readRecord(table, dots, '{"a_b":{"c_d":1}}'), [{ a_b: { c_d: 1 } }])
  assert.deepEqual(readRecord(table, openx, '{"a.b":{"c.d":1}}'), [{ a_b: null }])
})

test("A column with a mapping takes the JSON key that it names, and not its own name", () => {
  const mapped = { ...openx, columnToJsonKeyMappings: { ts: "Timestamp", user_name: "id" } }
  assert.deepEqual(readRecord(columns, mapped, '{"timeStamp":5,"ts":6,"id":7,"user_name":"x"}'), [
    { id: 7, user_name: "7", ts: [5, 0], tags: null },
  ])
  assert.deepEqual(readRecord(columns, mapped, '{"id":7,"ID":8}'), [{ ...nothing, id: 8, user_name: "8" }])
  const capitals = { ...openx, columnToJsonKeyMappings: { TS: "Timestamp" } }
  assert.deepEqual(readRecord(struct({ Ts: plain("int") }), capitals, '{"Timestamp":5}'), [{ Ts: 5 }])
  const nested = struct({ headers: struct({ useragent: plain("string") }) })
  const header = { ...openx, columnToJsonKeyMappings: { useragent: "User-Agent" } }
  assert.deepEqual(readRecord(nested, header, '{"headers":{"User-Agent":"x"}}'), [{ headers: { useragent: "x" } }])
})

test("A megabyte of digits that are no number at their end takes no longer than any other text", () => {
  const digits = "1".repeat(1_000_000)
  for (const kind of ["int", "bigint", "float", "double", "timestamp", "date"] as const) {
    for (const text of [`${digits}x`, `${digits}.${digits}x`, `1e${digits}x`]) {
      assert.equal(readValue(plain(kind), openx, `"${text}"`), noNumber(`${text.slice(0, 256)}...`))
    }
  }
  assert.equal(readValue(decimal(38, 10), openx, `"${digits}x"`), noNumber(`${digits.slice(0, 256)}...`))
})

/** What is wrong with a record. */
function problemOf(type: RowType, record: string) {
  const bytes = Buffer.from(record)
  return openRowReader(type, openx).read(bytes, 0, bytes.length, emptyRows(type))
}

test("A record whose objects leave out more members than memory should hold is refused, at any depth", () => {
  const names = Array.from({ length: 1000 }, (_, index) => [`c${index}`, plain("int")] as const)
  const wide = struct(Object.fromEntries(names))
  const tooMany = {
    code: "DataFormatConversion.MalformedData",
    message: "Data does not match the schema. More than 4000000 values are absent in one record",
  }
  const bare = (count: number) => problemOf(wide, "{}".repeat(count))
  assert.equal(bare(4000), undefined)
  assert.deepEqual(bare(4001), tooMany)
  const nested = struct({ list: { kind: "array", element: wide } })
  assert.deepEqual(problemOf(nested, `{"list":[${"{},".repeat(4000)}{}]}`), tooMany)
})

test("Keys of maps are in lower case where they are texts, and left alone where they mean something", () => {
  const mapOf = (kind: PlainKind) => struct({ m: map(plain(kind), plain("int")) })
  assert.deepEqual(readRecord(mapOf("string"), openx, '{"m":{"AQID":1}}'), [{ m: [["aqid", 1]] }])
  assert.deepEqual(readRecord(mapOf("binary"), openx, '{"m":{"AQID":1}}'), [{ m: [["AQID", 1]] }])
})

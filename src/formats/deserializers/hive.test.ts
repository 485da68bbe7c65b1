import assert from "node:assert/strict"
import { test } from "node:test"
import type { HiveType, PlainKind, RowType } from "../columns/index.ts"
import { timestampFormatProblem } from "./index.ts"
import { hive, readRecord, readValue } from "./testing.ts"

const plain = (kind: PlainKind): HiveType => ({ kind })
const array = (element: HiveType): HiveType => ({ kind: "array", element })
const map = (key: HiveType, value: HiveType): HiveType => ({ kind: "map", key, value })
const struct = (fields: Readonly<Record<string, HiveType>>): RowType => ({
  kind: "struct",
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
})
const noNumber = (text: string) => `Data does not match the schema. For input string: "${text}"`
const notNumeric = (token: string) =>
  `Data does not match the schema. Current token (${token}) not numeric, can not use numeric value accessors`
const noArray = "Data does not match the schema. java.io.IOException: Start of Array expected"
const notAnObject = "Data does not match the schema. java.io.IOException: Start of Object expected"
const noScalar = "One or more fields have incorrect format. Exception when validating field (root)"

/** Type, JSON, and what comes of it. */
const values: readonly (readonly [HiveType, string, unknown])[] = [
  [plain("int"), "42", 42],
  [plain("int"), "1.9", noNumber("1.9")],
  [plain("int"), "2147483648", noNumber("2147483648")],
  [plain("tinyint"), '"5"', notNumeric("VALUE_STRING")],
  [plain("smallint"), '"5"', notNumeric("VALUE_STRING")],
  [plain("int"), '"5"', notNumeric("VALUE_STRING")],
  [plain("bigint"), '"5"', notNumeric("VALUE_STRING")],
  [plain("float"), '"5"', notNumeric("VALUE_STRING")],
  [plain("double"), '"NaN"', notNumeric("VALUE_STRING")],
  [plain("double"), "true", notNumeric("VALUE_TRUE")],
  [plain("double"), "false", notNumeric("VALUE_FALSE")],
  [plain("double"), "[1]", notNumeric("START_ARRAY")],
  [plain("double"), '{"a":1}', notNumeric("START_OBJECT")],
  [plain("double"), "1.5", 1.5],
  [{ kind: "decimal", precision: 5, scale: 2 }, "1.505", 151n],
  [{ kind: "decimal", precision: 5, scale: 2 }, '"1.5"', 150n],
  [{ kind: "decimal", precision: 5, scale: 2 }, "true", notNumeric("VALUE_TRUE")],
  [plain("boolean"), "true", true],
  [plain("boolean"), '"True"', true],
  [plain("boolean"), '"1"', noNumber("1")],
  [plain("boolean"), "0", noNumber("0")],
  [plain("boolean"), "[true]", noScalar],
  [plain("string"), "5.50", "5.50"],
  [plain("string"), "true", "true"],
  [plain("string"), '{"nested":1}', noScalar],
  [plain("string"), "[1]", noScalar],
  [{ kind: "varchar", length: 2 }, '"äöü"', "äö"],
  [plain("binary"), '"aGk="', "aGk="],
  [plain("binary"), "[1]", noScalar],
  [plain("date"), '"2026-1-2"', 20_455],
  [plain("date"), "5", noNumber("5")],
  [plain("timestamp"), '"2017-2-7 15:13:01.14"', [1_486_480_381, 140_000_000]],
  [plain("timestamp"), '"2017-02-07T15:13:01Z"', noNumber("2017-02-07T15:13:01Z")],
  [plain("timestamp"), "1518033528", noNumber("1518033528")],
  [array(plain("string")), '[1, null, "a"]', ["1", null, "a"]],
  [array(plain("string")), '"solo"', noArray],
  [array(plain("string")), '[{"MixedKey":1}]', noScalar],
  [array(struct({ a: plain("int") })), '{"a":1}', noArray],
  [map(plain("string"), array(plain("string"))), '{"MixedKey":["v"]}', [["MixedKey", ["v"]]]],
  [map(plain("string"), array(plain("string"))), '{"k":"v"}', noArray],
  [
    map(plain("string"), plain("int")),
    '{"k":1,"K":2,"k":3}',
    [
      ["k", 3],
      ["K", 2],
    ],
  ],
  [map(plain("int"), plain("int")), '{"5":1}', [[5, 1]]],
  [map(plain("int"), plain("int")), '{"x":1}', 'Data does not match the schema. The map key "x" is no int'],
  [map(plain("string"), plain("int")), "[1]", notAnObject],
  [struct({ name: plain("string"), age: plain("int") }), '{"NAME":"Dan","extra":1}', { name: "Dan", age: null }],
  [struct({ name: plain("string"), age: plain("int") }), "{}", { name: null, age: null }],
  [struct({ name: plain("string"), age: plain("int") }), '["Bob",41]', notAnObject],
  [struct({ name: plain("string"), age: plain("int") }), "42", notAnObject],
  [struct({ name: plain("string"), age: plain("int") }), '{"age":"7"}', notNumeric("VALUE_STRING")],
]

for (const [type, json, wanted] of values) {
  test(`Hive reads ${json} into ${JSON.stringify(type)}`, () => {
    assert.deepEqual(readValue(type, hive, json), wanted)
  })
}

test("Hive finds columns whatever the case of their keys", () => {
  const table = struct({ id: plain("int"), person: struct({ name: plain("string") }) })
  assert.deepEqual(readRecord(table, hive, '{"PERSON":{"NaMe":"x"},"ID":1}{"id":2}'), [
    { id: 1, person: { name: "x" } },
    { id: 2, person: null },
  ])
})

const noon = 1_486_469_581 // 2017-02-07T12:13:01Z, a Tuesday

/** Format, text, and the seconds and nanoseconds, or undefined if it is none. */
const formats: readonly (readonly [string, string, readonly [number, number] | undefined])[] = [
  ["millis", "1486469581123", [noon, 123_000_000]],
  ["millis", "-1", [-1, 999_000_000]],
  ["millis", "1486469581123.456789", [noon, 123_456_789]],
  ["millis", "-0.5", [-1, 999_500_000]],
  ["millis", "1486469581123.4567891", undefined],
  ["millis", "1e3", undefined],
  ["millis", "99999999999999999999", undefined],
  ["yyyy-MM-dd'T'HH:mm:ss", "2017-02-07T12:13:01", [noon, 0]],
  ["yyyy-MM-dd'T'HH:mm:ss", "2017-2-7T12:13:1", [noon, 0]],
  ["yyyy-MM-dd'T'HH:mm:ss", "2017-02-07T12:13:01Z", undefined],
  ["yyyy-MM-dd'T'HH:mm:ss", "2017-02-07T12:13", undefined],
  ["yyyy-MM-dd'T'HH:mm:ss'Z'", "2017-02-07t12:13:01z", [noon, 0]],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2017-02-07T13:13:01.5+0100", [noon, 500_000_000]],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "2017-02-07T11:43:01.123-00:30", [noon, 123_000_000]],
  ["yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2017-02-07T12:13:01.123Z", [noon, 123_000_000]],
  ["yyyy-MM-dd'T'HH:mm:ss.SSS", "2017-02-07T12:13:01.1234", undefined],
  ["yyyy-MM-dd HH:mm:ss.SSSSSSSSS", "2017-02-07 12:13:01.123456789", [noon, 123_456_789]],
  ["yyyy-MM-dd HH:mm:ss.SSSSSSSSSSSS", "2017-02-07 12:13:01.123456789000", [noon, 123_456_789]],
  ["yyyy-MM-dd HH:mm:ss.SSSSSSSSSSSS", "2017-02-07 12:13:01.123456789001", undefined],
  ["yyyyMMddHHmmss", "20170207121301", [noon, 0]],
  ["yyyyMMddHHmmssSSS", "20170207121301123", [noon, 123_000_000]],
  ["MM/dd/yyyy", "02/07/2017", [1_486_425_600, 0]],
  ["MM/dd/yy", "02/07/17", [1_486_425_600, 0]],
  ["MM/dd/yy", "01/01/49", [2_493_072_000, 0]],
  ["MM/dd/yy", "01/01/50", [-631_152_000, 0]],
  ["MM/dd/yy", "02/07/70", [3_196_800, 0]],
  ["MM/dd/yy", "02/07/2017", [1_486_425_600, 0]],
  ["yyyy", "2017", [1_483_228_800, 0]],
  ["y G", "1 BC", [-62_167_219_200, 0]],
  ["y G", "1 AD", [-62_135_596_800, 0]],
  ["HH:mm", "12:13", [43_980, 0]],
  ["dd/MMM/yyyy:HH:mm:ss Z", "07/Feb/2017:12:13:01 +0000", [noon, 0]],
  ["d MMMM yyyy HH:mm:ss", "7 february 2017 12:13:01", [noon, 0]],
  ["EEE, d MMM yyyy HH:mm:ss z", "Tue, 7 Feb 2017 12:13:01 GMT", [noon, 0]],
  ["EEEE, d MMM yyyy HH:mm:ss ZZZ", "Tuesday, 7 Feb 2017 12:13:01 UTC", [noon, 0]],
  ["EEE, d MMM yyyy", "Wed, 7 Feb 2017", undefined],
  ["yyyy-MM-dd hh:mm:ss a", "2017-02-07 12:13:01 PM", [noon, 0]],
  ["yyyy-MM-dd hh:mm:ss a", "2017-02-07 12:13:01 am", [noon - 43_200, 0]],
  ["yyyy-MM-dd KK:mm:ss a", "2017-02-07 0:13:01 PM", [noon, 0]],
  ["yyyy-MM-dd kk:mm:ss", "2017-02-07 24:13:01", [noon - 43_200, 0]],
  ["yyyy-DDD", "2017-038", [1_486_425_600, 0]],
  ["yyyy-DDD", "2017-366", undefined],
  ["yyyy-DDD", "2016-366", [1_483_142_400, 0]],
  ["xxxx-'W'ww-e", "2017-W06-2", [1_486_425_600, 0]],
  ["xxxx-'W'ww-e", "2020-W53-7", [1_609_632_000, 0]],
  ["xxxx-'W'ww-e", "2017-W53-1", undefined],
  ["yyyy 'o''clock' ''HH''", "2017 o'clock '12'", [1_483_272_000, 0]],
  ["yyyy-MM-dd", "2017-02-29", undefined],
  ["yyyy-MM-dd", "2017-13-01", undefined],
  ["HH:mm", "24:00", undefined],
  ["yyyy-MM-dd z", "2017-02-07 PST", undefined],
  ["yyyy-MM-dd'T'HHZ", "2017-02-07T12+2500", undefined],
]

for (const [format, text, wanted] of formats) {
  test(`Hive reads ${text} by the timestamp format ${format}`, () => {
    assert.equal(timestampFormatProblem(format), undefined)
    const read = readValue(plain("timestamp"), { ...hive, timestampFormats: [format] }, JSON.stringify(text))
    assert.deepEqual(read, wanted ?? noNumber(text))
  })
}

test("Hive tries timestamp formats in their order, and then java.sql.Timestamp's; numbers are read as they are written", () => {
  const several = { ...hive, timestampFormats: ["yyyyMMdd", "millis", "MM/dd/yyyy"] }
  const read = (json: string) => readValue(plain("timestamp"), several, json)
  assert.deepEqual(read('"20170207"'), [1_486_425_600, 0])
  assert.deepEqual(read("20170207"), [1_486_425_600, 0])
  assert.deepEqual(read("1486469581123"), [noon, 123_000_000])
  assert.deepEqual(read('"02/07/2017"'), [1_486_425_600, 0])
  assert.deepEqual(read('"2017-02-07 12:13:01.5"'), [noon, 500_000_000])
  assert.deepEqual(read('"2017-02-07T12:13:01"'), noNumber("2017-02-07T12:13:01"))
})

test("A timestamp format with a letter that Joda-Time does not know is no option", () => {
  for (const format of ["yyyy-MM-ddTHH:mm:ss", "", "iso8601", "Millis", "YYYY-bb"]) {
    const option = `[Key: timestamp.formats Value: ${format}]`
    assert.equal(
      timestampFormatProblem(format),
      `One or more SerDe options are invalid for org.apache.hcatalog.data.JsonSerDe: ${option}`,
    )
  }
})

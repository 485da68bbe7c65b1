import assert from "node:assert/strict"
import { test } from "node:test"
import { emptyRows, type RowType } from "../columns/index.ts"
import { openRowReader } from "./index.ts"
import { hive, openx, readRecord, rowsOf } from "./testing.ts"

const table: RowType = {
  kind: "struct",
  fields: [
    { name: "id", type: { kind: "int" } },
    { name: "tags", type: { kind: "array", element: { kind: "string" } } },
  ],
}

const parseError = (text: string) => ({
  code: "DataFormatConversion.ParseError",
  message: `Encountered malformed JSON. ${text}`,
})
const malformedData = (text: string) => ({
  code: "DataFormatConversion.MalformedData",
  message: `Data does not match the schema. ${text}`,
})
const objectRequired = malformedData("A JSON object is required.")

/** What is wrong with records, by either deserializer. */
const refused: readonly (readonly [string | Uint8Array, { code: string; message: string }])[] = [
  ["", objectRequired],
  [" \r\n\t", objectRequired],
  ["5", objectRequired],
  ["null", objectRequired],
  ['"text"', objectRequired],
  ['[{"id":1}]', objectRequired],
  ['{"id":1}5', objectRequired],
  ['{"id":1} [{"id":2}]', objectRequired],
  ["{", parseError("Unexpected end of the record at byte 1")],
  ['{"id"', parseError("Unexpected end of the record at byte 5")],
  ['{"id":', parseError("Unexpected end of the record at byte 6")],
  ['{"id":1', parseError("Unexpected end of the record at byte 7")],
  ['{"id":-', parseError("Unexpected end of the record at byte 7")],
  ['{"tags":["a', parseError("Unexpected end of the record at byte 11")],
  ['{"tags":["a\\', parseError("Unexpected end of the record at byte 12")],
  ['{"tags":["a\\u00', parseError("Unexpected end of the record at byte 15")],
  ['{"id":nul', parseError("Unexpected end of the record at byte 9")],
  ["{id:1}", parseError("Unexpected character 'i' at byte 1")],
  ["{'id':1}", parseError("Unexpected character ''' at byte 1")],
  ['{"id" 1}', parseError("Unexpected character '1' at byte 6")],
  ['{"id":1,}', parseError("Unexpected character '}' at byte 8")],
  ['{"id":1 "tags":2}', parseError("Unexpected character '\"' at byte 8")],
  ['{"id":1},{"id":2}', parseError("Unexpected character ',' at byte 8")],
  ['{"id":1}}', parseError("Unexpected character '}' at byte 8")],
  ['{"id":01}', parseError("Unexpected character '1' at byte 7")],
  ['{"id":+1}', parseError("Unexpected character '+' at byte 6")],
  ['{"id":.5}', parseError("Unexpected character '.' at byte 6")],
  ['{"id":5.}', parseError("Unexpected character '}' at byte 8")],
  ['{"id":5e}', parseError("Unexpected character '}' at byte 8")],
  ['{"id":NaN}', parseError("Unexpected character 'N' at byte 6")],
  ['{"id":nULL}', parseError("Unexpected character 'U' at byte 7")],
  ['{"tags":[1,]}', parseError("Unexpected character ']' at byte 11")],
  ['{"tags":[1 2]}', parseError("Unexpected character '2' at byte 11")],
  ['{"tags":["\\x"]}', parseError("Unexpected character 'x' at byte 11")],
  ['{"tags":["\\u00g0"]}', parseError("Unexpected character 'g' at byte 14")],
  ['{"tags":["a\nb"]}', parseError("Unescaped control character 0xa in a string at byte 11")],
  ['\u{feff}{"id":1}', parseError("Unexpected byte 0xef at byte 0")],
  ['{"other":{"x":[1,{"y":tru}]}}', parseError("Unexpected character '}' at byte 25")],
  // That it is no JSON is told before what its values are.
  ['{"id":1.5,"tags":[}', parseError("Unexpected character '}' at byte 18")],
  ['{"id":1.5}{', parseError("Unexpected end of the record at byte 11")],
  [
    '{"id":\u00001}',
    malformedData(
      "Illegal character ((CTRL-CHAR, code 0)): only regular white space (\\r, \\n, \\t) is allowed between tokens",
    ),
  ],
  [Buffer.from('{"tags":["\xff"]}', "latin1"), malformedData("The record is not UTF-8")],
  [Buffer.from('{"other":"\xc3"}', "latin1"), malformedData("The record is not UTF-8")],
  [Buffer.from('{"tags":["é"],"other":"\xed\xa0\x80"}', "latin1"), malformedData("The record is not UTF-8")],
  [`{"${"k".repeat(262_145)}":1}`, malformedData("A JSON key is longer than 262144 characters")],
  [`{"other":{"${"k".repeat(262_145)}":1}}`, malformedData("A JSON key is longer than 262144 characters")],
  [`{"other":${"[".repeat(501)}${"]".repeat(501)}}`, malformedData("Values are nested in more than 500 others")],
  [`{"tags":${"[".repeat(100_000)}`, malformedData("Values are nested in more than 500 others")],
  [`{"id":${'{"a":'.repeat(600)}`, malformedData("Values are nested in more than 500 others")],
]

for (const [record, problem] of refused) {
  const text = Buffer.from(record).toString("latin1").slice(0, 40)
  test(`The record ${JSON.stringify(text)} is refused: ${problem.message.slice(0, 70)}`, () => {
    assert.deepEqual(readRecord(table, openx, record), problem)
    assert.deepEqual(readRecord(table, hive, record), problem)
  })
}

test("Keys of 262,144 characters and values in 499 others are taken", () => {
  const record = `{"id":1,"${"ü".repeat(262_144)}":${"[".repeat(499)}${"]".repeat(499)}}`
  assert.deepEqual(readRecord(table, openx, record), [{ id: 1, tags: null }])
})

test("A message repeats only the beginning of a long value", () => {
  const read = readRecord(table, openx, `{"id":"${"x".repeat(10_000)}"}`)
  assert.deepEqual(read, malformedData(`For input string: "${"x".repeat(256)}..."`))
})

test("Rows of a record that is refused are taken back, and those before them stay", () => {
  const rows = emptyRows(table)
  const reader = openRowReader(table, openx)
  const records = ['{"id":1,"tags":["a","b"]}', '{"tags":["c"]}{"tags":["d","e"],"id":"oops"}', '{"id":3,"tags":["f"]}']
  const problems = records.map((record) => reader.read(Buffer.from(record), 0, record.length, rows)?.message)
  assert.deepEqual(problems, [undefined, 'Data does not match the schema. For input string: "oops"', undefined])
  assert.deepEqual(rowsOf(table, rows), [
    { id: 1, tags: ["a", "b"] },
    { id: 3, tags: ["f"] },
  ])
})

test("A reader fills the rows of several tables' files in turn", () => {
  const reader = openRowReader(table, openx)
  const files = [emptyRows(table), emptyRows(table)]
  for (let id = 0; id < 4; id++) {
    const record = `{"id":${id}}`
    const rows = files[id % 2]
    assert.ok(rows)
    assert.equal(reader.read(Buffer.from(record), 0, record.length, rows), undefined)
  }
  assert.deepEqual(
    files.map((rows) => rowsOf(table, rows).map(({ id }) => id)),
    [
      [0, 2],
      [1, 3],
    ],
  )
})

test("Members that come in another order, case or number with each record are found", () => {
  const reader = openRowReader(table, openx)
  const rows = emptyRows(table)
  const records = [
    '{"id":1,"tags":[1]}',
    '{"Tags":[2],"ID":2}',
    '{"Tags":[3],"x":1,"ID":3}',
    '{"id":4}',
    '{"tags":[5]}',
  ]
  for (const record of records) assert.equal(reader.read(Buffer.from(record), 0, record.length, rows), undefined)
  assert.deepEqual(rowsOf(table, rows), [
    { id: 1, tags: ["1"] },
    { id: 2, tags: ["2"] },
    { id: 3, tags: ["3"] },
    { id: 4, tags: null },
    { id: null, tags: ["5"] },
  ])
})

test("What a reader learned of one record's keys stays true when its memory is used for another one", () => {
  const reader = openRowReader(table, openx)
  const rows = emptyRows(table)
  const memory = Buffer.alloc(64)
  for (const record of ['{"ID":1,"TAGS":[1]}', '{"ID":2,"TAGS":[2]}', '{"XY":3,"TOGS":[3]}', '{"ID":4,"TAGS":[4]}']) {
    const sizeBytes = memory.write(record)
    assert.equal(reader.read(memory, 0, sizeBytes, rows), undefined)
  }
  assert.deepEqual(rowsOf(table, rows), [
    { id: 1, tags: ["1"] },
    { id: 2, tags: ["2"] },
    { id: null, tags: null },
    { id: 4, tags: ["4"] },
  ])
})

test("A column whose name holds a quote is no way to pass what is no JSON", () => {
  const odd: RowType = { kind: "struct", fields: [{ name: 'a"b', type: { kind: "int" } }] }
  const reader = openRowReader(odd, openx)
  const rows = emptyRows(odd)
  const read = (record: string) => reader.read(Buffer.from(record), 0, record.length, rows)
  assert.equal(read('{"a\\"b":1}'), undefined)
  assert.equal(read('{"a"b":2}')?.code, "DataFormatConversion.ParseError")
  assert.equal(read('{"a\\"b":3}'), undefined)
  assert.deepEqual(rowsOf(odd, rows), [{ 'a"b': 1 }, { 'a"b': 3 }])
})

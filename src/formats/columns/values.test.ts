import assert from "node:assert/strict"
import { test } from "node:test"
import { emptyRows, emptyValues } from "./index.ts"
import { ListValues, LongValues, StructValues, TextValues } from "./values.ts"

test("A bigint keeps all of its 64 bits, however it was given", () => {
  const longs = new LongValues()
  const numbers = [0, -1, 1, 2 ** 32, -(2 ** 32) - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
  const extremes = [-(2n ** 63n), 2n ** 63n - 1n, -(2n ** 53n) - 1n]
  for (const number of numbers) longs.append(number)
  longs.appendNull()
  for (const value of extremes) longs.appendBigInt(value)
  const values = Array.from({ length: longs.valueCount }, (_, index) => longs.at(index))
  assert.deepEqual(values, [...numbers.map(BigInt), ...extremes])
  assert.deepEqual([...longs.present], [1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1])
  const { words } = longs
  assert.deepEqual([...new BigInt64Array(words.slice().buffer)], values)
})

test("What is taken back leaves nothing behind, in nested columns neither", () => {
  const text = new TextValues()
  const rows = new StructValues([new ListValues(new StructValues([text]))])
  const [list] = rows.fields
  assert.ok(list instanceof ListValues)
  const appendRow = (...words: readonly string[]) => {
    for (const word of words) {
      text.appendString(word)
      if (list.elements instanceof StructValues) list.elements.append()
    }
    list.append(words.length)
    rows.append()
  }
  appendRow("a", "longer than twenty-four bytes, so copied by a call")
  appendRow()
  appendRow("b")
  // A row that was begun, and not appended.
  text.appendString("c")
  rows.truncate(2)
  assert.deepEqual([rows.entryCount, list.entryCount, list.elements.entryCount, text.entryCount], [2, 2, 2, 2])
  appendRow("ü")
  assert.deepEqual([...list.lengths], [2, 0, 1])
  assert.equal(Buffer.from(text.bytes).toString(), "alonger than twenty-four bytes, so copied by a callü")
  assert.deepEqual([...text.starts], [0, 1, 51, 53])
})

test("Columns grow, and keep what they hold", () => {
  const rows = emptyRows({ kind: "struct", fields: [{ name: "id", type: { kind: "int" } }] })
  const [ids] = rows.fields
  assert.ok(ids?.kind === "integer")
  for (let id = 0; id < 1000; id++) {
    if (id % 3 === 0) ids.appendNull()
    else ids.append(id)
    rows.append()
  }
  assert.deepEqual([ids.entryCount, ids.nullCount, ids.values.length, ids.values.at(-1)], [1000, 334, 666, 998])
  rows.clear()
  assert.deepEqual([rows.entryCount, ids.entryCount, ids.values.length], [0, 0, 0])
})

test("There are values for every type", () => {
  const kinds = [
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
  ] as const
  const values = kinds.map((kind) => emptyValues({ kind }).kind)
  const expected = ["boolean", "integer", "integer", "integer", "long", "float", "double", "text", "text", "integer"]
  assert.deepEqual(values, expected)
})

import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { splitDelimited, splitJsonObjects } from "./record-deaggregation.ts"
import { configured, process, texts, worldWith } from "./testing.ts"

const json = [configured("RecordDeAggregation", { SubRecordType: "JSON" })]
const delimited = (delimiter: string) => [
  configured("RecordDeAggregation", {
    SubRecordType: "DELIMITED",
    Delimiter: Buffer.from(delimiter).toString("base64"),
  }),
]

test("JSON objects back to back, or on lines of their own, are records of their own, without what is between them", async () => {
  const records = ['{"a":1}{"b":{"c":"}{"}}', ' {"a":1}\n{"b":2}\r\n\n{"c":3}\n', '{"a":1}\n']
  assert.deepEqual(texts(await process(json, records)), [
    ...['0:{"a":1}', '0:{"b":{"c":"}{"}}'],
    ...['1:{"a":1}', '1:{"b":2}', '1:{"c":3}'],
    '2:{"a":1}',
  ])
})

test("a record that is no run of JSON objects goes on whole", async () => {
  const records = [
    ...['[{"a":1},{"b":2}]', '{"a":1},{"b":2}', '{"a":1} 2', '{"a":1}{"b":', '{"a":1}{"b":01}', "text", "", " \n"],
    Buffer.from('{"a":"\xff"}\n{"b":1}', "latin1"),
  ]
  const { records: whole, failures } = await process(json, records)
  assert.deepEqual(
    whole.map(({ data }) => Buffer.from(data)),
    records.map((record) => Buffer.from(record)),
  )
  assert.deepEqual(failures, [])
})

test("a record of more than 500 parts goes on whole, unless the settings say otherwise", async () => {
  const records = [500, 501].map((count) => "{}\n".repeat(count))
  const oneToMany = worldWith({ extensions: { oneToMany: true } })
  for (const processors of [json, delimited("\n")]) {
    assert.equal((await process(processors, records)).records.length, 501)
    assert.equal((await process(processors, records, oneToMany)).records.length, 1001)
  }
})

test("what is between delimiters is a record, unless it is empty", async () => {
  const records = ["one##two", "##one####two##", "one#two", "#", ""]
  assert.deepEqual(texts(await process(delimited("##"), records)), [
    ...["0:one", "0:two", "1:one", "1:two"],
    ...["2:one#two", "3:#", "4:"],
  ])
  // Nothing is lost: a record of delimiters alone has no parts.
  assert.deepEqual(texts(await process(delimited("##"), ["####"])), ["0:####"])
})

test("runs of any objects are split as they were written, whatever is between them", () => {
  const space = fc.constantFrom("", " ", "\n", "\r\n", "\t \n")
  const object = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value))
  fc.assert(
    fc.property(fc.array(fc.tuple(object, space), { minLength: 1, maxLength: 20 }), (parts) => {
      const data = Buffer.from(parts.flat().join(""))
      const pieces = splitJsonObjects(data, 20)?.map((piece) => Buffer.from(piece).toString())
      assert.deepEqual(
        pieces,
        parts.map(([text]) => text),
      )
    }),
  )
})

test("delimited records are split as a text is", () => {
  const letters = fc.array(fc.constantFrom("a", "b", ";"), { maxLength: 20 }).map((list) => list.join(""))
  const delimiter = fc.array(fc.constantFrom("a", ";"), { minLength: 1, maxLength: 3 }).map((list) => list.join(""))
  fc.assert(
    fc.property(letters, delimiter, (text, separator) => {
      const pieces = splitDelimited(Buffer.from(text), Buffer.from(separator), 100)
      const expected = text.split(separator).filter((piece) => piece !== "")
      assert.deepEqual(pieces?.map((piece) => Buffer.from(piece).toString()) ?? [], expected)
    }),
  )
})

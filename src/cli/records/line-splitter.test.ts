import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { LineSplitter, LineTooLong } from "./line-splitter.ts"

/** The records of a text that comes in chunks, which are cut at `cuts`. */
function split(text: Buffer, cuts: readonly number[], keepNewline: boolean, recordBytesMax = 1_000) {
  const splitter = new LineSplitter({ keepNewline, recordBytesMax })
  const edges = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((one, other) => one - other), text.length]
  const chunks = edges.slice(1).map((edge, index) => text.subarray(edges[index], edge))
  return [...chunks.flatMap((chunk) => [...splitter.push(chunk)]), ...splitter.end()]
}

const texts = fc.string({ unit: fc.constantFrom("a", "é", "\n", "\r", "\r\n"), maxLength: 40 }).map(Buffer.from)
const cuts = fc.array(fc.nat())

function data(records: readonly { readonly data: Uint8Array }[]): string[] {
  return records.map((record) => Buffer.from(record.data).toString())
}

test("Records with their newlines, one after the other, are the input with a newline at its end", () => {
  fc.assert(
    fc.property(texts, cuts, (text, at) => {
      const expected = text.length === 0 || text.at(-1) === 10 ? text.toString() : `${text}\n`
      assert.equal(data(split(text, at, true)).join(""), expected)
    }),
  )
})

test("Each record has one newline, at its end", () => {
  fc.assert(
    fc.property(texts, cuts, (text, at) => {
      for (const record of data(split(text, at, true))) assert.match(record, /^[^\n]*\n$/)
    }),
  )
})

test("Without newlines, records are what a plain split at line ends gives", () => {
  fc.assert(
    fc.property(texts, cuts, (text, at) => {
      const lines = text.toString().split("\n")
      if (lines.at(-1) === "") lines.pop()
      assert.deepEqual(
        data(split(text, at, false)),
        lines.map((line) => line.replace(/\r$/, "")),
      )
    }),
  )
})

test("Lines are numbered from 1, however the input is cut", () => {
  const records = split(Buffer.from("a\n\nb"), [1, 2, 3], true)
  assert.deepEqual(
    records.map(({ lineNumber, data }) => [lineNumber, Buffer.from(data).toString()]),
    [
      [1, "a\n"],
      [2, "\n"],
      [3, "b\n"],
    ],
  )
})

test("A line of exactly the limit is a record, a longer one is refused by its number", () => {
  for (const { text, keepNewline, fits } of [
    { text: "ok\n1234\n", keepNewline: true, fits: true },
    { text: "ok\n12345\n", keepNewline: true, fits: false },
    { text: "ok\n12345\n", keepNewline: false, fits: true },
    { text: "ok\n12345\r\n", keepNewline: false, fits: true },
    { text: "ok\n123456", keepNewline: false, fits: false },
    { text: "ok\n12345", keepNewline: true, fits: false },
  ]) {
    const cut = () => split(Buffer.from(text), [4], keepNewline, 5)
    if (fits) assert.equal(cut().length, 2)
    else assert.throws(cut, (error: unknown) => error instanceof LineTooLong && error.lineNumber === 2)
  }
})

test("A line that never ends is refused before it is all in memory", () => {
  const splitter = new LineSplitter({ keepNewline: false, recordBytesMax: 1_000 })
  assert.throws(() => {
    for (let count = 0; count < 12; count++) for (const _ of splitter.push(Buffer.alloc(100, "a"))) assert.fail()
  }, LineTooLong)
})

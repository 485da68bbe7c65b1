import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { depthMax, endOfJsonValue, skipSpace } from "./json-text.ts"

function isOneValue(text: string): boolean {
  const bytes = Buffer.from(text)
  const end = endOfJsonValue(bytes, 0)
  return end !== -1 && skipSpace(bytes, end) === bytes.length
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test("texts are one JSON value when JSON.parse says so", () => {
  const values = [
    ...[
      "0",
      "-0",
      "10",
      "-1.5e+10",
      "1E5",
      "0.0",
      "true",
      "false",
      "null",
      '""',
      '"\\u00e9\\n\\/"',
      "[]",
      "{}",
      " [ ] ",
    ],
    ...[
      '{"a":1}',
      '{"a":{"b":[1,2,{"c":null}]},"d":""}',
      '[[],{},"]"]',
      '"\u{1f600}"',
      '{"":0}',
      '\t\r\n{ "a" : 1 , "b" : 2 }\n',
    ],
  ]
  const none = [
    ...[
      "",
      " ",
      "01",
      "-",
      "+1",
      ".5",
      "1.",
      "1e",
      "1e+",
      "0x1",
      "1 2",
      "tru",
      "nul",
      "True",
      "NaN",
      "Infinity",
      "-Infinity",
    ],
    ...[
      '"',
      '"\\"',
      '"\\x"',
      '"\\u12g4"',
      '"\\u12"',
      '"\n"',
      '"\t"',
      "'a'",
      "[",
      "]",
      "[1",
      "[1,",
      "[1,]",
      "[,1]",
      "[1 2]",
      "[}",
    ],
    ...[
      "{",
      "}",
      "{]",
      '{"a"',
      '{"a":',
      '{"a":1',
      '{"a":1,',
      '{"a":1,}',
      '{"a" 1}',
      "{a:1}",
      "{1:1}",
      '{"a":1]',
      "{,}",
      '{"a":}',
    ],
    ...["\ufeff{}", "/**/{}", "{}{}", "{},", "undefined"],
  ]
  for (const text of [...values, ...none]) assert.equal(isOneValue(text), parses(text), text)
  assert.deepEqual([values.every(parses), none.some(parses)], [true, false])
})

test("so it is for any JSON value, and for any text that is nearly one", () => {
  const written = fc
    .tuple(fc.jsonValue(), fc.constantFrom(undefined, 1, "\t"))
    .map(([value, indent]) => JSON.stringify(value, null, indent))
  const nearly = fc
    .tuple(written, fc.nat(), fc.nat(3), fc.constantFrom(...'"\\{}[]:,0-.eEu+n\n \u0001'))
    .map(([text, at, removed, put]) => {
      const index = at % (text.length + 1)
      return text.slice(0, index) + put + text.slice(index + removed)
    })
  const soup = fc
    .array(fc.constantFrom(...'"\\{}[]:,01-.eE+tu \n', "true", "null", '"a"', "{}"), { maxLength: 12 })
    .map((parts) => parts.join(""))
  fc.assert(fc.property(written, (text) => isOneValue(text)))
  fc.assert(
    fc.property(fc.oneof(nearly, soup), (text) => isOneValue(text) === parses(text)),
    { numRuns: 3000 },
  )
})

test("any bytes at all have an answer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, start) => {
      const end = endOfJsonValue(bytes, Math.min(start, bytes.length))
      assert.ok(end === -1 || (end > 0 && end <= bytes.length))
    }),
  )
})

test("what is too deep is no value", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth)
  assert.equal(isOneValue(nested(depthMax)), true)
  assert.equal(isOneValue(nested(depthMax + 1)), false)
  assert.equal(isOneValue(`${'{"a":'.repeat(depthMax)}1${"}".repeat(depthMax)}`), true)
})

import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { hasExpression, parsePrefix } from "./prefix-expression.ts"

test("a prefix is read into its parts in the order they were written", () => {
  const parsed = parsePrefix("a/!{firehose:random-string}b!{partitionKeyFromQuery:k}!{firehose:error-output-type}/c")
  assert.deepEqual(parsed, {
    kind: "parsed",
    prefix: [
      { kind: "literal", text: "a/" },
      { kind: "random-string" },
      { kind: "literal", text: "b" },
      { kind: "partition-key", from: "query", key: "k" },
      { kind: "error-output-type" },
      { kind: "literal", text: "/c" },
    ],
  })
})

test("a text without an expression is one literal, whatever it says", () => {
  fc.assert(
    fc.property(prefixText, (text) => {
      fc.pre(text !== "" && !text.includes("!{"))
      assert.deepEqual(parsePrefix(text), { kind: "parsed", prefix: [{ kind: "literal", text }] })
    }),
  )
})

test("reading never throws, and whatever is read without an expression had no !{", () => {
  fc.assert(
    fc.property(prefixText, (text) => {
      const parsed = parsePrefix(text)
      if (parsed.kind === "parsed") assert.equal(hasExpression(parsed.prefix), text.includes("!{"))
      else assert.ok(text.includes("!{"))
    }),
    { numRuns: 1000 },
  )
})

const prefixText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "!{",
        "}",
        ":",
        "!",
        "{",
        "timestamp:",
        "firehose:",
        "random-string",
        "yyyy",
        "'",
        "!{timestamp:HH}",
      ),
      fc.string({ maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(""))

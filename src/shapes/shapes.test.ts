import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import {
  blob,
  boolean,
  decodeBase64,
  double,
  enumeration,
  integer,
  jsonObject,
  list,
  map,
  optional,
  readShape,
  type Shape,
  sensitive,
  string,
  structure,
  timestamp,
  unknownMembers,
  validationMessage,
} from "./index.ts"

/** What is wrong with `value`, in words: the types first, as they are told alone. */
function problemsOf(shape: Shape<unknown>, value: unknown): string {
  const outcome = readShape(shape, value)
  if (outcome.kind === "read") return ""
  const type = outcome.problems.find((problem) => problem.kind === "type")
  return type?.message ?? validationMessage(outcome.problems)
}

const order = structure("An order.", {
  Name: string("Its name.", { lengthMin: 1, lengthMax: 8, pattern: "[a-z]+" }),
  Amount: optional(integer("How many.", { min: 1, max: 10 })),
  Share: optional(double("A part.", { min: 0, max: 1 })),
  Open: optional(boolean("Whether it is open.")),
  Size: optional(enumeration("How large.", ["S", "M"])),
  Data: optional(blob("Bytes.", { bytesMax: 3 })),
  Since: optional(timestamp("When.")),
  Labels: optional(map("Labels.", string("Key."), string("Value.", { lengthMax: 2 }))),
  Parts: optional(list("Parts.", structure("A part.", { SKU: string("Its number.") }), { countMin: 1, countMax: 2 })),
  Secret: optional(sensitive(string("A secret.", { lengthMax: 3 }))),
  Extra: optional(jsonObject("Anything.")),
})

test("a value of the shape is read, with unknown members and nulls left out", () => {
  const given = {
    Name: "abc",
    Amount: 2.9,
    Share: 0.5,
    Open: true,
    Size: "M",
    Data: "YWJj",
    Since: 1534313835.031,
    Labels: { a: "b", __proto__: undefined },
    Parts: [{ SKU: "1" }],
    Extra: { deep: [1, { x: null }] },
    Secret: null,
    Unknown: 1,
  }
  assert.deepEqual(readShape(order, given), {
    kind: "read",
    value: {
      Name: "abc",
      Amount: 2,
      Share: 0.5,
      Open: true,
      Size: "M",
      Data: Buffer.from("abc"),
      Since: 1534313835031,
      Labels: { a: "b" },
      Parts: [{ SKU: "1" }],
      Extra: { deep: [1, { x: null }] },
    },
  })
})

const constraint = (text: string) => `1 validation error detected: ${text}`
const cases: readonly [what: string, given: object, problem: string][] = [
  ["a missing member", {}, constraint("Value null at 'name' failed to satisfy constraint: Member must not be null")],
  [
    "a text that is too long",
    { Name: "abcdefghi" },
    constraint(
      "Value 'abcdefghi' at 'name' failed to satisfy constraint: Member must have length less than or equal to 8",
    ),
  ],
  [
    "several broken limits",
    { Name: "", Amount: 11 },
    "3 validation errors detected: " +
      "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
      "Value '' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]+; " +
      "Value '11' at 'amount' failed to satisfy constraint: Member must have value less than or equal to 10",
  ],
  [
    "a word that is none of the set",
    { Name: "a", Size: "L" },
    constraint("Value 'L' at 'size' failed to satisfy constraint: Member must satisfy enum value set: [S, M]"),
  ],
  [
    "a member of a list's item",
    { Name: "a", Parts: [{ SKU: "1" }, {}] },
    constraint("Value null at 'parts.2.member.sKU' failed to satisfy constraint: Member must not be null"),
  ],
  [
    "a list that is too long",
    { Name: "a", Parts: [{}, {}, {}] },
    constraint(
      "Value '[3 items]' at 'parts' failed to satisfy constraint: Member must have length less than or equal to 2",
    ),
  ],
  [
    "a blob that is too long",
    { Name: "a", Data: "YWJjZA==" },
    constraint(
      "Value 'java.nio.HeapByteBuffer[pos=0 lim=4 cap=4]' at 'data' failed to satisfy constraint: " +
        "Member must have length less than or equal to 3",
    ),
  ],
  [
    "a secret that is too long, without showing it",
    { Name: "a", Secret: "hush!" },
    constraint("Value at 'secret' failed to satisfy constraint: Member must have length less than or equal to 3"),
  ],
  ["a number for a text", { Name: 1 }, "class java.math.BigDecimal can not be converted to an String"],
  ["a boolean for a number", { Name: "a", Amount: true }, "class java.lang.Boolean can not be converted to an Integer"],
  ["a text for a number", { Name: "a", Amount: "1" }, "class java.lang.String can not be converted to an Integer"],
  ["a text for a boolean", { Name: "a", Open: "yes" }, "'YES' can not be converted to an Boolean"],
  ["a number for a boolean", { Name: "a", Open: 1 }, "class java.math.BigDecimal can not be converted to an Boolean"],
  ["a number for a blob", { Name: "a", Data: 1 }, "class java.math.BigDecimal can not be converted to a Blob"],
  ["a list for a text", { Name: [] }, "Start of list found where not expected"],
  ["an object for a text", { Name: {} }, "Start of structure or map found where not expected."],
  ["a text for a list", { Name: "a", Parts: "x" }, "Expected list or null"],
  ["a text for a map", { Name: "a", Labels: "x" }, "Expected map or null"],
  ["a text for a structure", { Name: "a", Parts: ["x"] }, "Expected null"],
  [
    "a wrong type after a broken limit: the type alone",
    { Name: "", Amount: [] },
    "Start of list found where not expected",
  ],
]
for (const [what, given, problem] of cases) {
  test(`${what} is told in AWS's words`, () => assert.equal(problemsOf(order, given), problem))
}

test("no more than ten problems are listed", () => {
  const many = list("Names.", string("A name.", { lengthMin: 1 }))
  assert.match(problemsOf(many, Array(30).fill("")), /^10 validation errors detected: /)
})

test("patterns must match the whole value, in either dialect", () => {
  const alternatives = string("Either.", { pattern: "^$|\\.[a-z]+" })
  assert.equal(problemsOf(alternatives, ""), "")
  assert.notEqual(problemsOf(alternatives, "x.a"), "")
  assert.equal(problemsOf(string("Letters.", { pattern: "\\p{L}*" }), "äé"), "")
  assert.equal(problemsOf(string("An escape that the u flag forbids.", { pattern: "[a\\-\\_]+" }), "a_-"), "")
})

test("members that a shape does not have are found by their paths", () => {
  const given = {
    Name: "a",
    Nmae: 1,
    Labels: { any: "x" },
    Parts: [{ SKU: "1" }, { SKU: "2", sku: "3" }],
    Extra: { any: 1 },
  }
  assert.deepEqual(unknownMembers(order, given), ["Nmae", "Parts.1.sku"])
})

test("a member named like an object's own is data", () => {
  const labels = map("Labels.", string("Key."), string("Value."))
  const outcome = readShape(labels, JSON.parse('{"__proto__":"a","constructor":"b"}'))
  assert.ok(outcome.kind === "read")
  assert.deepEqual(Object.entries(outcome.value), [
    ["__proto__", "a"],
    ["constructor", "b"],
  ])
})

test("whatever is read, nothing throws", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void readShape(order, value)))
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...Object.keys(order.members)), fc.jsonValue()), (value) => {
      readShape(order, value)
    }),
  )
})

// ---- base64

/** Looks at every character: the oracle of the fast decoder. */
function decodePlainly(text: string): Buffer | undefined {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return undefined
  const bytes = Buffer.from(text, "base64")
  return bytes.toString("base64") === text ? bytes : undefined
}

test("base64 is decoded as strictly as looking at every character does it", () => {
  const anyBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("base64"))
  const characters = fc.constantFrom(..."ABab09+/=-_ \n\r\té€\u0141\ud800")
  const disturbed = fc
    .tuple(anyBytes, fc.nat(), fc.nat(2), fc.array(characters, { maxLength: 4 }))
    .map(([text, at, count, insert]) => {
      const index = at % (text.length + 1)
      return text.slice(0, index) + insert.join("") + text.slice(index + count)
    })
  const anyText = fc.oneof(
    anyBytes,
    disturbed,
    fc.array(characters, { maxLength: 12 }).map((all) => all.join("")),
  )
  fc.assert(
    fc.property(anyText, (text) => assert.deepEqual(decodeBase64(text), decodePlainly(text))),
    { numRuns: 5000 },
  )
})

const badBase64: readonly [string, string][] = [
  ["YQ", "Base64 encoded length is expected a multiple of 4 bytes but found: 2"],
  ["YQ=\n=", "Base64 encoded length is expected a multiple of 4 bytes but found: 5"],
  ["-_==", "Invalid Base64 character: '-'"],
  ["YQ==YQ==", "Invalid Base64 character: '='"],
  ["YR==", "Invalid last non-pad Base64 character dectected"],
]
for (const [text, reason] of badBase64) {
  test(`"${text.replace("\n", "\\n")}" is refused as AWS refuses it`, () => {
    assert.equal(problemsOf(blob("Bytes."), text), `'${text}' can not be converted to a Blob: ${reason}`)
  })
}

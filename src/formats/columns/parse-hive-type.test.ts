import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { HiveType } from "./hive-type.ts"
import { HiveTypeError, hiveTypeText, parseHiveType } from "./parse-hive-type.ts"

/** The shortest text of the type that a text is read as. */
const texts: readonly (readonly [string, string])[] = [
  ["string", "string"],
  [" INTEGER ", "int"],
  ["Real", "float"],
  ["decimal", "decimal(10,0)"],
  ["decimal(38)", "decimal(38,0)"],
  ["DECIMAL ( 38 , 38 )", "decimal(38,38)"],
  ["char(1)", "char(1)"],
  ["varchar( 65535 )", "varchar(65535)"],
  ["array<array<tinyint>>", "array<array<tinyint>>"],
  ["map < date , struct<a:binary> >", "map<date,struct<a:binary>>"],
  ["struct<a:boolean,\n  b_2 : struct<c.d$:double>>", "struct<a:boolean,b_2:struct<c.d$:double>>"],
  ["struct<OrderId:bigint,straße:timestamp>", "struct<orderid:bigint,straße:timestamp>"],
  ["struct<int:int,array:array<smallint>,1st:string>", "struct<int:int,array:array<smallint>,1st:string>"],
]

test("The text of a type is read with its synonyms, in any case and with white space", () => {
  for (const [given, shortest] of texts) assert.equal(hiveTypeText(parseHiveType(given)), shortest)
  assert.deepEqual(parseHiveType("struct<a:decimal(5,2),b:map<string,char(3)>>"), {
    kind: "struct",
    fields: [
      { name: "a", type: { kind: "decimal", precision: 5, scale: 2 } },
      { name: "b", type: { kind: "map", key: { kind: "string" }, value: { kind: "char", length: 3 } } },
    ],
  })
})

const malformed: readonly (readonly [string, string])[] = [
  ["", 'Cannot read the type "" at its end: a type was expected'],
  ["strin", 'Cannot read the type "strin" at character 1: there is no type "strin"'],
  ["string(3)", 'Cannot read the type "string(3)" at character 7: the end of the type was expected'],
  ["array< set<int>>", 'Cannot read the type "array< set<int>>" at character 8: set<> is not supported: use array<>'],
  ["uniontype<int,string>", "uniontype<> is not supported: use string, or a struct<> with a field for each type"],
  ["array<int", 'Cannot read the type "array<int" at its end: ">" was expected'],
  ["array", 'Cannot read the type "array" at its end: "<" was expected'],
  ["array<>", 'Cannot read the type "array<>" at character 7: a type was expected'],
  ["map<string>", 'Cannot read the type "map<string>" at character 11: "," was expected'],
  ["map<array<int>,int>", "at character 5: the key of a map can't be of type array"],
  ["struct<>", "at character 8: the name of a field was expected"],
  ["struct<a int>", 'at character 10: ":" was expected'],
  ["struct<a-b:int>", 'at character 9: ":" was expected'],
  ["struct<a:int,A:int>", 'at character 14: there are two fields "a"'],
  ["char", 'at its end: "(" was expected'],
  ["char(0)", "at character 6: the length of a char must be a number from 1 to 255"],
  ["char(256)", "at character 6: the length of a char must be a number from 1 to 255"],
  ["varchar(65536)", "at character 9: the length of a varchar must be a number from 1 to 65535"],
  ["varchar(x)", "at character 9: the length of a varchar must be a number from 1 to 65535"],
  ["decimal(39)", "at character 9: the precision of a decimal must be a number from 1 to 38"],
  ["decimal(0)", "at character 9: the precision of a decimal must be a number from 1 to 38"],
  ["decimal(5,6)", "at character 11: the scale of a decimal with 5 digits must be a number from 0 to 5"],
  ["decimal(5,2", 'at its end: ")" was expected'],
  ["int int", "at character 5: the end of the type was expected"],
]

test("What can't be read is told with its place, and with what was expected there", () => {
  for (const [text, message] of malformed) {
    assert.throws(
      () => parseHiveType(text),
      (error) => error instanceof HiveTypeError && error.message.includes(message),
      `${text}: ${message}`,
    )
  }
})

test("Of a long text a message shows what stands around the mistake", () => {
  const long = `struct<${Array.from({ length: 500 }, (_, index) => `f${index}:int`).join(",")},x:sting>`
  assert.throws(() => parseHiveType(long), /type "\.\.\..{50,}x:sting>" at character \d+: there is no type "sting"$/)
})

test("A text that is nested without end is refused", () => {
  assert.equal(parseHiveType(`${"array<".repeat(100)}int${">".repeat(100)}`).kind, "array")
  assert.throws(() => parseHiveType("array<".repeat(1_000_000)), /types may be nested 100 levels deep/)
})

const plain = fc
  .constantFrom(...(["boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string"] as const))
  .map((kind): HiveType => ({ kind }))
const scalar = fc.oneof(
  plain,
  fc.constantFrom(...(["binary", "date", "timestamp"] as const)).map((kind): HiveType => ({ kind })),
  fc
    .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38))
    .map(([precision, scale]): HiveType => ({ kind: "decimal", precision, scale: Math.min(precision, scale) })),
  fc.integer({ min: 1, max: 255 }).map((length): HiveType => ({ kind: "char", length })),
  fc.integer({ min: 1, max: 65_535 }).map((length): HiveType => ({ kind: "varchar", length })),
)
const name = fc.stringMatching(/^[a-zäé0-9_.$]{1,6}$/)
const { type } = fc.letrec<{ type: HiveType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    tie("type").map((element): HiveType => ({ kind: "array", element })),
    fc.tuple(scalar, tie("type")).map(([key, value]): HiveType => ({ kind: "map", key, value })),
    fc
      .uniqueArray(fc.tuple(name, tie("type")), { minLength: 1, maxLength: 4, selector: ([name]) => name })
      .map((fields): HiveType => ({ kind: "struct", fields: fields.map(([name, type]) => ({ name, type })) })),
  ),
}))

test("A type is read from its text as it was, whatever stands between the words", () => {
  const space = fc.constantFrom("", " ", "\n\t ")
  fc.assert(
    fc.property(type, fc.func(space), (given, spaceAfter) => {
      const text = hiveTypeText(given)
      assert.deepEqual(parseHiveType(text), given)
      const spaced = text.replace(/[<>(),:]/g, (token, at) => `${spaceAfter(at)}${token}${spaceAfter(at + 1)}`)
      assert.deepEqual(parseHiveType(spaced.toUpperCase()), given)
    }),
  )
})

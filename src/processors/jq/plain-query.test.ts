import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { JqOutcome } from "./jq-engine.ts"
import { createJqHere } from "./jq-here.ts"
import { numberText } from "./number-text.ts"
import { type PlainQuery, plainQuery } from "./plain-query.ts"

const jq = createJqHere()
type Answer = ReturnType<PlainQuery>

const signal = new AbortController().signal

test("what names partitions in the wild is plain", () => {
  const record = '{"customer_id":"c-1","type":{"device":"tv","b c":true},"n":[1],"id":12,"é":"ü"}'
  const cases: readonly (readonly [string, Answer])[] = [
    ["{customer_id:.customer_id,device:.type.device}", { customer_id: "c-1", device: "tv" }],
    ['{ "a" : .type["b c"] , id }', { a: "true", id: "12" }],
    ['{a:."type"."device",b:.["type"]["device"],c:.type.["b c"], "id"}', { a: "tv", b: "tv", c: "true", id: "12" }],
    [
      '{source:"txma",year:2026,is:true,not:false,e:.["é"]}',
      { source: "txma", year: "2026", is: "true", not: "false", e: "ü" },
    ],
    ["{a:.customer_id,b:.gone}", "empty"],
    ["{a:.gone.b.c,b:.id}", "empty"],
    ['{a:""}', "empty"],
    ["{a:.toString}", "empty"],
    ["{a:.gone,b:.n}", "ask"],
    ["{a:.gone,b:.id.c}", "ask"],
    ["{a:.n.length}", "ask"],
    ["{a:.type}", "ask"],
  ]
  for (const [query, answer] of cases) assert.deepEqual(plainQuery(query)?.(record), answer, query)
})

test("whatever else a query is made of is jq's", () => {
  const queries = [
    ...[
      "",
      ".",
      ".a",
      "{}",
      "{a:.a,}",
      "{,a:.a}",
      "{a:.a",
      "{a:.a}}",
      "{a:.a}|.",
      "{a:.a} + {b:.b}",
      "[{a:.a}]",
      "{a}{b}",
    ],
    ...[
      "{a:.}",
      "{a:..}",
      '{a:.."b"}',
      "{a:. b}",
      "{a:.a?}",
      "{a:.a[0]}",
      "{a:.a[]}",
      '{a:.a[1:"b"]}',
      '{a:["b"]}',
      '{a:.a"b"}',
    ],
    ...[
      "{a:.a|.b}",
      "{a:.a//1}",
      "{a:(.a)}",
      "{a:-1}",
      "{a:1.0}",
      "{a:01}",
      "{a:1e3}",
      "{a:1234567890123456}",
      "{a:1 2}",
      "{a:.5}",
    ],
    ...[
      "{a:null}",
      "{a:now}",
      "{a:empty}",
      "{a:.a b:.b}",
      "{a:.a;b:.b}",
      "{$a}",
      "{$__loc__}",
      "{__loc__}",
      "{(.a):1}",
      "{@base64}",
    ],
    ...[
      "{if:1}",
      "{and}",
      "{a::b:1}",
      "{a:.a,a:.b}",
      '{a:.a,"a":.b}',
      "{__proto__:.a}",
      '{"__proto__":.a}',
      '{"__proto__"}',
    ],
    ...[
      '{"a\\(.b)":1}',
      '{"\\u0061":1}',
      '{a:"\\n"}',
      '{a:"b\\(.c)"}',
      '{a:@json "x"}',
      '{a:"\n"}',
      '{a:"\ud800"}',
      '{a:"\u0000"}',
    ],
    ...[
      "{a:.a} # b",
      "{a:.a # \\\n}",
      "{a:\u00a0.a}",
      "\ufeff{a:.a}",
      "{a:\v.a}",
      "{a:.a}\0",
      "{é:1}",
      "{a:.é}",
      "{.a:1}",
      "{1:2}",
    ],
  ]
  for (const query of queries) assert.equal(plainQuery(query), undefined, JSON.stringify(query))
})

// ---- against jq

const names = [
  "a",
  "b",
  "b c",
  "é",
  "",
  "0",
  "toString",
  "__proto__",
  "constructor",
  "length",
  "and",
  "\u{1f600}",
  "a,b",
  "{",
]
const name = fc.oneof({ weight: 4, arbitrary: fc.constantFrom("a", "b", "b c") }, fc.constantFrom(...names))
const gap = fc.constantFrom("", "", "", " ", "\n", "\t", "\r\n")
const quoted = (text: string) => JSON.stringify(text)
const isWord = (text: string) => /^[a-z_]\w*$/i.test(text)

const step = fc.tuple(name, fc.nat(3), gap, gap).map(([text, form, one, other]) => {
  if (form === 0) return `[${one}${quoted(text)}${other}]`
  if (form === 1) return `.${one}[${quoted(text)}${other}]`
  return `.${isWord(text) ? text : one + quoted(text)}`
})
const path = fc
  .tuple(step, fc.array(step, { maxLength: 3 }), gap)
  .map(([first, rest, between]) => (first.startsWith("[") ? "." : "") + [first, ...rest].join(between))
const constant = fc.oneof(
  fc.constantFrom("true", "false", "0", "7", "123456789012345", '"txma"', '""', "null", "1.0", "-1", '"a\\nb"'),
  fc.string({ unit: "binary", maxLength: 4 }).map(quoted),
)
const key = fc.tuple(name, fc.boolean()).map(([text, isBare]) => (isBare && isWord(text) ? text : quoted(text)))
const member = fc
  .tuple(key, fc.option(fc.oneof({ weight: 3, arbitrary: path }, { weight: 1, arbitrary: constant })), gap, gap)
  .map(([text, value, one, other]) => (value === null ? text + one : `${text}${one}:${other}${value}${one}`))
const objectQuery = fc
  .tuple(fc.array(member, { minLength: 1, maxLength: 3 }), gap)
  .map(([members, before]) => `${before}{${before}${members.join(`,${before}`)}}`)
/** Some that are nearly right. */
const query = fc.oneof(
  { weight: 8, arbitrary: objectQuery },
  fc
    .tuple(objectQuery, fc.nat(), fc.constantFrom(...'{}[]().,:;|?#\\"$@-/ \u00a0\0é1a'))
    .map(([text, index, extra]) => {
      const at = index % (text.length + 1)
      return text.slice(0, at) + extra + text.slice(at)
    }),
  fc.tuple(objectQuery, fc.nat()).map(([text, index]) => {
    const at = index % text.length
    return text.slice(0, at) + text.slice(at + 1)
  }),
)

const digits = (constraints: { readonly minLength: number; readonly maxLength: number }) =>
  fc.string({ ...constraints, unit: fc.constantFrom(..."0123456789") })
const hostileNumber = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(
      fc.constant("0"),
      digits({ minLength: 1, maxLength: 40 }).map((text) => `1${text}`),
    ),
    fc.oneof(
      fc.constant(""),
      digits({ minLength: 1, maxLength: 40 }).map((text) => `.${text}`),
    ),
    fc.oneof(
      fc.constant(""),
      fc
        .tuple(fc.constantFrom("e", "E", "e+", "E-"), digits({ minLength: 1, maxLength: 4 }))
        .map(([e, text]) => e + text),
    ),
  )
  .map((parts) => parts.join(""))
const jsonString = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }).map(quoted),
  fc.string({ unit: "grapheme", maxLength: 8 }).map(quoted),
  fc.constantFrom(
    '""',
    '"x"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\uDFFFx"',
    '"\\ud83d\\ude00"',
    '"\\u00e9\\/"',
    '"\\\\ud800"',
    '"\ufeff\u2028"',
  ),
  fc.constant(quoted("y".repeat(2000))),
)
const jsonName = fc.oneof(
  { weight: 6, arbitrary: name.map(quoted) },
  { weight: 1, arbitrary: fc.constantFrom('"\\u0061"', '"\\u0062 c"', '"\\ud800"') },
  { weight: 1, arbitrary: jsonString },
)
const { json } = fc.letrec<{ json: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.oneof(fc.constantFrom("null", "true", "false", "1", "-0"), hostileNumber, jsonString),
    { weight: 4, arbitrary: fc.array(fc.tuple(jsonName, gap, tie("json")), { maxLength: 5 }).map(objectText) },
    fc.array(tie("json"), { maxLength: 3 }).map((items) => `[${items.join(",")}]`),
  ),
}))
const record = fc.tuple(gap, json, gap).map((parts) => parts.join(""))

function objectText(members: readonly (readonly [string, string, string])[]): string {
  return `{${members.map(([text, between, value]) => `${text}${between}:${between}${value}`).join(",")}}`
}

/** What MetadataExtraction makes of jq's answers; undefined when jq has none. */
function jqAnswer(values: Readonly<Record<string, unknown>>) {
  const texts = Object.entries(values).map(([text, value]) => [text, textOf(value)] as const)
  return texts.some(([, text]) => text === "") ? "empty" : Object.fromEntries(texts)
}

function textOf(value: unknown): string {
  if (typeof value === "number") return numberText(value)
  return value === null ? "" : typeof value === "string" ? value : JSON.stringify(value)
}

test("the answer is jq's, or jq is to be asked", async () => {
  let [plainCount, answerCount] = [0, 0]
  await fc.assert(
    fc.asyncProperty(query, fc.array(record, { minLength: 20, maxLength: 40 }), async (text, records) => {
      const plain = plainQuery(text)
      if (plain === undefined) return
      plainCount++
      const answered = records.map((one) => ({ one, answer: plain(one) })).filter(({ answer }) => answer !== "ask")
      answerCount += answered.length
      const inputs = answered.map(({ one }) => one)
      const run = await jq.run(text, inputs, signal)
      assert.ok(run.kind === "ran", `${text} does not compile`)
      for (const [index, { one, answer }] of answered.entries()) {
        const outcome: JqOutcome | undefined = run.outcomes[index]
        assert.ok(outcome?.kind === "value", `${one}: ${JSON.stringify(outcome)}`)
        assert.deepEqual(answer, jqAnswer(JSON.parse(outcome.json)), one)
      }
    }),
    { numRuns: 800 },
  )
  // Otherwise nothing was held against anything.
  assert.ok(plainCount > 300 && answerCount > 2000, `${plainCount} queries, ${answerCount} answers`)
})

test("numbers are jq's, however they are written", async () => {
  const numbers = [
    ...fc.sample(hostileNumber, { numRuns: 5000, seed: 1 }),
    "1e1000",
    "-1e1000",
    "1e-1000",
    "9".repeat(5000),
  ]
  const records = numbers.map((text) => `{"a":${text}}`)
  const run = await jq.run("{a:.a}", records, signal)
  assert.ok(run.kind === "ran")
  const plain = plainQuery("{a:.a}")
  for (const [index, one] of records.entries()) {
    const answer: Answer | undefined = plain?.(one)
    const outcome: JqOutcome | undefined = run.outcomes[index]
    if (answer === "ask") continue
    assert.ok(outcome?.kind === "value", JSON.stringify(outcome))
    assert.deepEqual(answer, jqAnswer(JSON.parse(outcome.json)), one)
  }
})

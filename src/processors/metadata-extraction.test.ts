import assert from "node:assert/strict"
import { test } from "node:test"
import { openChain } from "./chain.ts"
import { createJqHere } from "./jq/index.ts"
import { chunkOf, configured, process, startMs, texts, worldWith } from "./testing.ts"

const jq = createJqHere()
const extraction = (query: string) => [
  configured("MetadataExtraction", { MetadataExtractionQuery: query, JsonParsingEngine: "JQ-1.6" }),
]

async function extract(query: string, ...records: readonly (string | Uint8Array)[]) {
  const world = worldWith({ jq })
  const { warnings } = world
  const { records: left, failures, counts } = await process(extraction(query), records, world)
  return {
    keys: left.map(({ keys }) => keys?.query),
    failures: failures.map(({ source, message }) => `${source}: ${message}`),
    left,
    all: failures,
    counts,
    warnings,
  }
}

test("keys are the values of the query's object, and records stay what they were", async () => {
  const records = [
    '{"customer_id":"c-1","type":{"device":"mobile"}}',
    ' {"customer_id":"ü/ö","type":{"device":"tv"}}\n',
  ]
  const { keys, left, failures, counts } = await extract("{customer_id:.customer_id,device:.type.device}", ...records)
  assert.deepEqual(keys, [
    { customer_id: "c-1", device: "mobile" },
    { customer_id: "ü/ö", device: "tv" },
  ])
  assert.deepEqual(failures, [])
  assert.deepEqual(
    texts({ records: left, failures: [], counts: [] }),
    records.map((record, index) => `${index}:${record}`),
  )
  assert.deepEqual(
    counts.map(({ name }) => name),
    ["JQProcessing.Duration"],
  )
})

test("values are the texts that jq 1.6 prints", async () => {
  // Each was printed by jq 1.6 itself.
  const printed: Readonly<Record<string, string>> = {
    "12345678901234567890": "12345678901234567000",
    "1.0": "1",
    "1e2": "100",
    "1e1000": "1.7976931348623157e+308",
    "0.1": "0.1",
    "100000000000000000000": "1e+20",
    "1e17": "1e+17",
    "123456789012345680000": "123456789012345680000",
    "1e-7": "1e-07",
    "0.00001": "1e-05",
    "-0": "-0",
    "1.5e300": "1.5e+300",
    "99999999999999999": "1e+17",
    "1e15": "1000000000000000",
    true: "true",
    false: "false",
    "[1,2]": "[1,2]",
    '{"b":1}': '{"b":1}',
    '"text"': "text",
  }
  const { keys } = await extract("{a:.a}", ...Object.keys(printed).map((value) => `{"a":${value}}`))
  assert.deepEqual(
    keys,
    Object.values(printed).map((a) => ({ a })),
  )
})

test("programs as they are found in the wild", async () => {
  const cases: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    [
      '{datasource:"txma",day:.timestamp|strftime("%Y-%m-%d")}',
      '{"timestamp":1565382027}',
      { datasource: "txma", day: "2019-08-09" },
    ],
    ['{event:(.event_name|ascii_downcase|gsub("[^a-z]";"_"))}', '{"event_name":"Log In"}', { event: "log_in" }],
    ['{a:.detail.a,b:(if .b > 3 then "high" else "low" end)}', '{"detail":{"a":1},"b":4}', { a: "1", b: "high" }],
    ['{a:(.a // "none")} # a comment', "{}", { a: "none" }],
    ['{hour:(.ms / 1000 | floor | strftime("%H"))}', '{"ms":1565382027123}', { hour: "20" }],
  ]
  for (const [query, record, keys] of cases) assert.deepEqual((await extract(query, record)).keys, [keys], query)
})

test("a value that is null, missing or empty fails its record", async () => {
  const { keys, all } = await extract("{a:.a}", '{"a":null}', "{}", '{"a":""}', '{"a":"x"}')
  assert.deepEqual(keys, [{ a: "x" }])
  assert.deepEqual(
    all,
    [0, 1, 2].map((source) => ({
      source,
      kind: "metadata-extraction-failed",
      code: "DynamicPartitioning.MetadataExtractionFailed",
      message: "partitionKeys values must not be null or empty",
      attemptsMade: 1,
      attemptEndedMs: startMs,
    })),
  )
  assert.equal((await extract('{a:(.a // "none")}', '{"a":""}')).failures.length, 1)
})

test("a record that is not exactly one JSON value fails", async () => {
  const deep = (depth: number) => `{"a":1,"b":${"[".repeat(depth)}${"]".repeat(depth)}}`
  const records = ["text", "", '{"a":1}{"a":2}', '{"a":1', Buffer.from('{"a":"\xff"}', "latin1"), deep(256)]
  const { keys, failures } = await extract("{a:.a}", ...records, '{"a":1}', deep(255))
  assert.deepEqual(keys, [{ a: "1" }, { a: "1" }])
  assert.deepEqual(
    failures,
    records.map((_, index) => `${index}: Non JSON record provided`),
  )
})

test("a query that fails on a record says why", async () => {
  const { keys, failures } = await extract("{a:.a.b}", '{"a":1}', "[1]", "5", '{"a":{"b":1}}')
  assert.deepEqual(keys, [{ a: "1" }])
  assert.deepEqual(failures, [
    '0: Cannot index number with string ("b")',
    '1: Cannot index array with string ("a")',
    '2: Cannot index number with string ("a")',
  ])
  assert.deepEqual((await extract(".a", '{"a":[]}')).failures, ["0: MetadataExtractionQuery must give an object"])
})

test("a query that does not compile fails every record, and is told once in the server's log", async () => {
  for (const query of ["{year:yyyy/MM}", "!{timestamp:yyyy}", "{a:.a", "{a:.a}) | ({a:.a}"]) {
    const { failures, warnings, keys } = await extract(query, "{}", "text", "{}")
    assert.deepEqual(keys, [])
    assert.deepEqual(failures.slice(0, 1), ["1: Non JSON record provided"], query)
    assert.equal(failures.length, 3)
    for (const failure of failures.slice(1)) assert.match(failure, /^[02]: MetadataExtractionQuery does not compile: ./)
    assert.equal(warnings.length, 1)
  }
})

test("a query that does not compile is told once, however many chunks come", async () => {
  const world = worldWith({ jq })
  const chain = openChain(extraction("{a:"), world)
  for (let chunk = 0; chunk < 3; chunk++) await chain.process(chunkOf("{}"), new AbortController().signal)
  assert.equal(world.warnings.length, 1)
})

test("keys that were found before are kept", async () => {
  const world = worldWith({ jq })
  const { records } = await process([...extraction("{a:.a}"), ...extraction("{b:.b}")], ['{"a":1,"b":2}'], world)
  assert.deepEqual(
    records.map(({ keys }) => keys),
    [{ query: { a: "1", b: "2" } }],
  )
})

test("jq is not asked where names alone say it, and records keep their order where it is", async () => {
  const records = ['{"a":"x"}', "text", '{"a":[1]}', '{"a":true}', '{"b":1}', "5", '{"a":{}}', '{"a":12}']
  const quick = await process(extraction("{a:.a}"), [records[0] ?? "", records[1] ?? "", records[3] ?? "", "{}"])
  assert.deepEqual(
    quick.records.map(({ source, keys }) => [source, keys?.query]),
    [
      [0, { a: "x" }],
      [2, { a: "true" }],
    ],
  )
  assert.deepEqual(
    quick.counts.map(({ name }) => name),
    ["JQProcessing.Duration"],
  )
  const { left, keys, failures } = await extract("{a:.a}", ...records)
  assert.deepEqual(
    left.map(({ source }) => source),
    [0, 2, 3, 6, 7],
  )
  assert.deepEqual(keys, [{ a: "x" }, { a: "[1]" }, { a: "true" }, { a: "{}" }, { a: "12" }])
  assert.deepEqual(failures, [
    "1: Non JSON record provided",
    "4: partitionKeys values must not be null or empty",
    '5: Cannot index number with string ("a")',
  ])
})

test("nothing is done for one who waits no more, be it without jq", async () => {
  const chain = openChain(extraction("{a:.a}"), worldWith())
  await assert.rejects(chain.process(chunkOf('{"a":1}'), AbortSignal.abort(new Error("over"))), { message: "over" })
})

test("half of a surrogate pair is no JSON text; a whole one is, and so is a backslash that is text", async () => {
  const whole = ['{"a":"\\ud83d\\ude00"}', '{"a":"x","b":"\\\\ud800"}', '{"a":"\\\\\\ud83d\\ude00"}']
  const halves = ['{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}', '{"\\udead":"x","a":"y"}', '{"a":"\\\\\\ud800x"}']
  const { keys, failures } = await extract("{a:(.a)}", ...whole, ...halves)
  assert.deepEqual(keys, [{ a: "😀" }, { a: "x" }, { a: "\\😀" }])
  assert.deepEqual(
    failures,
    halves.map((_, index) => `${index + whole.length}: Non JSON record provided`),
  )
})

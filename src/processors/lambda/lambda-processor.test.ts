import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { requestBytesMax } from "../../functions/index.ts"
import { openChain } from "../chain.ts"
import type { Chunk } from "../processor.ts"
import { configured, startMs, texts, worldWith } from "../testing.ts"
import {
  type Answer,
  arn,
  base64,
  functionError,
  functionsOf,
  type LambdaEvent,
  plain,
  processBy,
  returned,
} from "./testing.ts"

type Returned = Readonly<Record<string, unknown>>

const upperCase: Answer = ({ records }) => ({
  records: records.map(({ recordId, data }) => ({ recordId, result: "Ok", data: base64(plain(data).toUpperCase()) })),
})

/** Answers each record by what `answer` makes of its text. */
function each(answer: (text: string, recordId: string) => Returned | readonly Returned[]): Answer {
  return ({ records }) => ({ records: records.flatMap(({ recordId, data }) => answer(plain(data), recordId)) })
}

const codes = ({ processed: { failures } }: Awaited<ReturnType<typeof processBy>>) =>
  failures.map(({ source, code, attemptsMade }) => [source, code, attemptsMade])

test("A function is sent what Firehose sends, its members in the same order", async () => {
  const events: string[] = []
  const { functions } = await processBy(
    (event) => {
      events.push(JSON.stringify(event))
      return upperCase(event, new AbortController().signal)
    },
    ["one", "é"],
  )
  assert.deepEqual(functions.arns, [arn])
  const [{ invocationId = "" } = {}] = functions.events
  assert.match(invocationId, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/)
  assert.deepEqual(events, [
    JSON.stringify({
      invocationId,
      deliveryStreamArn: "arn:aws:firehose:eu-west-1:123456789012:deliverystream/clicks",
      region: "eu-west-1",
      records: [
        { recordId: "record-0000000", approximateArrivalTimestamp: startMs, data: base64("one") },
        { recordId: "record-1000000", approximateArrivalTimestamp: startMs + 1, data: base64("é") },
      ],
    }),
  ])
})

test("What comes back takes the place of the records, in the order in which they were sent", async () => {
  const backwards: Answer = (event, signal) => {
    const { records } = Object(upperCase(event, signal))
    return { records: [...records].reverse() }
  }
  const { processed } = await processBy(backwards, ["a", "b", "c"])
  assert.deepEqual(texts(processed), ["0:A", "1:B", "2:C"])
  assert.deepEqual(processed.failures, [])
})

test("Each record has its own outcome, as the service has it", async () => {
  const outcome = await processBy(
    each((text, recordId) => {
      const data = base64("out")
      const more: Readonly<Record<string, Returned | readonly Returned[]>> = {
        ok: { recordId, result: "Ok", data },
        empty: { recordId, result: "Ok", data: "" },
        lines: { recordId, result: "Ok", data: "b3\nV0\r\n" },
        dropped: { recordId, result: "Dropped" },
        failed: { recordId, result: "ProcessingFailed", data },
        null: { recordId, result: "Ok", data: null },
        none: { recordId, result: "Ok" },
        missing: { recordId: "unknown", result: "Ok", data },
        number: { recordId: 1, result: "Ok", data },
        twice: [
          { recordId, result: "Ok", data },
          { recordId, result: "Dropped" },
        ],
        text: { recordId, result: "Ok", data: "not base64!" },
        urlSafe: { recordId, result: "Ok", data: "_-8=" },
        unpadded: { recordId, result: "Ok", data: "b3V0IQ" },
        object: { recordId, result: "Ok", data: { a: 1 } },
        case: { recordId, result: "OK", data },
        nothing: { recordId, data },
      }
      return more[text] ?? assert.fail(text)
    }),
    "ok empty lines dropped failed null none missing number twice text urlSafe unpadded object case nothing".split(" "),
    { parameters: { NumberOfRetries: "0" } },
  )
  assert.deepEqual(texts(outcome.processed), ["0:out", "1:", "2:out"])
  assert.deepEqual(codes(outcome), [
    [4, "Lambda.ProcessingFailedStatus", 1],
    [5, "Lambda.InvalidReturnFormat", 1],
    [6, "Lambda.InvalidReturnFormat", 1],
    [7, "Lambda.MissingRecordId", 1],
    [8, "Lambda.MissingRecordId", 1],
    [9, "Lambda.DuplicatedRecordId", 1],
    [10, "Lambda.JsonMappingException", 1],
    [11, "Lambda.JsonMappingException", 1],
    [12, "Lambda.JsonMappingException", 1],
    [13, "Lambda.JsonMappingException", 1],
    [14, "Lambda.FunctionError", 1],
    [15, "Lambda.FunctionError", 1],
  ])
  const messages = new Map(outcome.processed.failures.map(({ code, message }) => [code, message]))
  assert.equal(messages.get("Lambda.ProcessingFailedStatus"), "ProcessingFailed status set for record")
  assert.equal(
    messages.get("Lambda.MissingRecordId"),
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.",
  )
  assert.equal(
    messages.get("Lambda.DuplicatedRecordId"),
    "Multiple records were returned with the same record Id. Ensure that the Lambda function returns a unique record Id for each record.",
  )
  assert.match(
    messages.get("Lambda.InvalidReturnFormat") ?? "",
    /^The data field cannot be null when .* result is Ok\.$/,
  )
  for (const { kind, lambdaArn, attemptEndedMs } of outcome.processed.failures) {
    assert.deepEqual([kind, lambdaArn, attemptEndedMs], ["processing-failed", `${arn}:$LATEST`, startMs])
  }
})

test("The function's qualifier is told as it was given", async () => {
  const { processed, functions } = await processBy(() => functionError, ["a"], {
    parameters: { LambdaArn: `${arn}:live`, NumberOfRetries: "0" },
  })
  assert.deepEqual(functions.arns, [`${arn}:live`])
  assert.equal(processed.failures[0]?.lambdaArn, `${arn}:live`)
})

for (const [what, answer, code] of [
  ["has no records", "{}", "Lambda.MissingRecordId"],
  ["has records that are no list", '{"records":{"0":1}}', "Lambda.MissingRecordId"],
  ["is null", "null", "Lambda.MissingRecordId"],
  ["is a list", "[]", "Lambda.MissingRecordId"],
  ["has records that are none", '{"records":[null,1,"x",[],{}]}', "Lambda.MissingRecordId"],
  ["is no JSON", "<html>", "Lambda.JsonProcessingException"],
  ["is empty", "", "Lambda.JsonProcessingException"],
] as const) {
  test(`An answer that ${what} fails every record, and is not asked for again`, async () => {
    const outcome = await processBy(() => returned(answer), ["a", "b"])
    assert.deepEqual(codes(outcome), [
      [0, code, 1],
      [1, code, 1],
    ])
    assert.equal(outcome.functions.events.length, 1)
  })
}

test("A failed invocation is repeated as often as is said, with growing pauses, and then every record has failed", async () => {
  const throttled = { kind: "failed", code: "Lambda.InvokeLimitExceeded", message: "Too often." } as const
  const outcome = await processBy(() => throttled, ["a", "b"], { parameters: { NumberOfRetries: "4" } })
  assert.deepEqual(codes(outcome), [
    [0, "Lambda.InvokeLimitExceeded", 5],
    [1, "Lambda.InvokeLimitExceeded", 5],
  ])
  assert.equal(outcome.processed.failures[0]?.message, "Too often.")
  assert.equal(outcome.functions.events.length, 5)
  assert.equal(new Set(outcome.functions.events.map(({ invocationId }) => invocationId)).size, 1)
  const plainPausesMs = 500 + 1000 + 2000 + 4000
  assert.ok(Math.abs(outcome.elapsedMs - plainPausesMs) <= plainPausesMs * 0.15, String(outcome.elapsedMs))
  assert.equal(outcome.processed.failures[0]?.attemptEndedMs, startMs + Math.floor(outcome.elapsedMs))
})

test("Three hundred retries of one that never answers end", async () => {
  const outcome = await processBy(() => functionError, ["a"], { parameters: { NumberOfRetries: "300" } })
  assert.deepEqual(codes(outcome), [[0, "Lambda.FunctionError", 301]])
})

test("A function that answers at last is believed, and the records that it fails say how many attempts that took", async () => {
  let invocations = 0
  const outcome = await processBy(
    (event) => {
      if (++invocations < 3) return functionError
      return { records: event.records.slice(1).map(({ recordId, data }) => ({ recordId, result: "Ok", data })) }
    },
    ["a", "b"],
  )
  assert.deepEqual(texts(outcome.processed), ["1:b"])
  assert.deepEqual(codes(outcome), [[0, "Lambda.MissingRecordId", 3]])
})

test("Records are sent together up to the size of the buffer", async () => {
  const data = "x".repeat(100_000)
  const { processed, functions } = await processBy(upperCase, Array(30).fill(data), {
    parameters: { BufferSizeInMBs: "0.5", BufferIntervalInSeconds: "0" },
  })
  assert.deepEqual(
    functions.events.map(({ records }) => records.length),
    [5, 5, 5, 5, 5, 5],
  )
  assert.equal(processed.records.length, 30)
  assert.equal(new Set(functions.events.map(({ invocationId }) => invocationId)).size, 6)
})

test("Of tiny records so many are sent together as an event may hold", async () => {
  const { functions } = await processBy(upperCase, Array(80_000).fill("x"), {
    parameters: { BufferSizeInMBs: "3", BufferIntervalInSeconds: "0" },
  })
  const sizes = functions.events.map((event) => JSON.stringify(event).length)
  assert.ok(sizes.length > 1)
  for (const sizeBytes of sizes) assert.ok(sizeBytes <= requestBytesMax, String(sizeBytes))
  assert.ok((sizes[0] ?? 0) > requestBytesMax * 0.9, String(sizes[0]))
})

test("A record larger than an event may be fails alone, without being sent", async () => {
  const large = Buffer.alloc(5 * 1024 * 1024)
  const outcome = await processBy(upperCase, ["a", large, "b"])
  assert.deepEqual(texts(outcome.processed), ["0:A", "2:B"])
  assert.deepEqual(codes(outcome), [[1, "Lambda.InvocationFailure", 1]])
  assert.match(outcome.processed.failures[0]?.message ?? "", /event of \d+ bytes, and a Lambda function takes 6291456/)
  assert.equal(outcome.functions.events.length, 2)
})

test("When an answer is too large, fewer records are sent at a time, and only one that is too large alone fails", async () => {
  const tooLarge = { ...functionError, isTooLarge: true } as const
  const answer: Answer = (event, signal) => {
    const isTooLarge = event.records.length > 3 || event.records.some(({ data }) => plain(data) === "e")
    return isTooLarge ? tooLarge : upperCase(event, signal)
  }
  const outcome = await processBy(answer, [..."abcdefgh"])
  assert.deepEqual(texts(outcome.processed), ["0:A", "1:B", "2:C", "3:D", "5:F", "6:G", "7:H"])
  assert.deepEqual(codes(outcome), [[4, "Lambda.FunctionError", 1]])
  assert.equal(outcome.elapsedMs, 0)
})

test("Parts of a record have ids of their own, and one that fails is a failure of the record", async () => {
  const before = [configured("RecordDeAggregation", { SubRecordType: "JSON" })]
  const outcome = await processBy(
    each((text, recordId) =>
      text === "{}" ? { recordId, result: "ProcessingFailed" } : { recordId, result: "Ok", data: base64(recordId) },
    ),
    ['{"a":1}{"b":2}{}', '{"c":3}'],
    { before },
  )
  assert.deepEqual(texts(outcome.processed), ["0:record-0000000", "0:record-0000001", "1:record-1000000"])
  assert.deepEqual(codes(outcome), [[0, "Lambda.ProcessingFailedStatus", 1]])
})

test("Partition keys come as texts, without those that are empty, beside what was found before", async () => {
  const partitionKeys = JSON.parse('{"a":"x","n":1.5,"b":true,"none":null,"empty":"","__proto__":"y"}')
  const answer = each((text, recordId) => ({
    recordId,
    result: "Ok",
    data: base64(text),
    metadata: text === "without" ? {} : { partitionKeys: text === "keys" ? partitionKeys : JSON.parse(text) },
  }))
  const wrong = ['{"a":{}}', '{"a":[]}', "[]", '"x"']
  const outcome = await processBy(answer, ["keys", "without", "{}", ...wrong])
  const [keys, without, empty] = outcome.processed.records
  assert.deepEqual(Object.entries(keys?.keys?.lambda ?? {}), [
    ["a", "x"],
    ["n", "1.5"],
    ["b", "true"],
    ["__proto__", "y"],
  ])
  assert.equal(without?.keys, undefined)
  assert.deepEqual(empty?.keys, { lambda: {} })
  assert.deepEqual(
    codes(outcome),
    wrong.map((_, index) => [index + 3, "Lambda.JsonMappingException", 1]),
  )
})

const oneToMany = worldWith({ extensions: { oneToMany: true } }).extensions

test("With one-to-many an id that is answered several times stands for several records, or fails as one", async () => {
  const answer = each((text, recordId) => {
    const ok = { recordId, result: "Ok", data: base64(text) }
    switch (text) {
      case "two":
        return [ok, { ...ok, data: base64("second"), metadata: { partitionKeys: { key: "k" } } }]
      case "some":
        return [{ recordId, result: "Dropped" }, ok, { recordId, result: "Dropped" }]
      case "dropped":
        return [
          { recordId, result: "Dropped" },
          { recordId, result: "Dropped" },
        ]
      case "half":
        return [ok, { recordId, result: "Ok" }]
      default:
        return ok
    }
  })
  const outcome = await processBy(answer, ["two", "some", "dropped", "half", "one"], {
    world: { extensions: oneToMany },
  })
  assert.deepEqual(texts(outcome.processed), ["0:two", "0:second", "1:some", "4:one"])
  assert.deepEqual(
    outcome.processed.records.map(({ keys }) => keys?.lambda?.["key"]),
    [undefined, "k", undefined, undefined],
  )
  assert.deepEqual(codes(outcome), [[3, "Lambda.InvalidReturnFormat", 1]])
})

test("Invocations are counted, and records that were processed", async () => {
  let invocations = 0
  const { processed } = await processBy(
    (event) => {
      if (++invocations === 1) return functionError
      const [first, second] = event.records
      return {
        records: [
          { recordId: first?.recordId, result: "Ok", data: base64("longer than before") },
          { recordId: second?.recordId, result: "Dropped" },
        ],
      }
    },
    ["abc", "defg", "h"],
  )
  assert.deepEqual(processed.counts, [
    { name: "ExecuteProcessing.Invocations", amount: 2 },
    { name: "ExecuteProcessing.Success", amount: 1 },
    { name: "SucceedProcessing.Records", amount: 2 },
    { name: "SucceedProcessing.Bytes", amount: 7 },
  ])
})

test("Whoever stops waiting is told so, during an invocation and between two", async () => {
  for (const when of ["invocation", "pause"] as const) {
    const over = new AbortController()
    const answer: Answer = async (_event, signal) => {
      if (when === "pause") {
        setImmediate(() => over.abort(new Error("over")))
        return functionError
      }
      over.abort(new Error("over"))
      return signal.throwIfAborted()
    }
    await assert.rejects(processBy(answer, ["a"], { signal: over.signal }), /over/)
  }
})

test("Whatever a function answers, each record is output, dropped or failed, and nothing is thrown", async () => {
  const id = fc.constantFrom("record-0000000", "record-1000000", "record-2000000", "other")
  const returnedRecord = fc.record(
    {
      recordId: fc.oneof({ weight: 8, arbitrary: id }, fc.jsonValue()),
      result: fc.oneof({ weight: 8, arbitrary: fc.constantFrom("Ok", "Dropped", "ProcessingFailed") }, fc.jsonValue()),
      data: fc.oneof(fc.base64String(), fc.jsonValue()),
      metadata: fc.oneof(fc.record({ partitionKeys: fc.jsonValue() }), fc.jsonValue()),
    },
    { requiredKeys: [] },
  )
  const json = fc
    .oneof(
      fc.record({
        records: fc.array(fc.oneof({ weight: 8, arbitrary: returnedRecord }, fc.jsonValue()), { maxLength: 6 }),
      }),
      fc.jsonValue(),
    )
    .map((value) => JSON.stringify(value))
  const payload = fc.oneof(
    { weight: 6, arbitrary: json },
    fc.string(),
    json.map((text) => text.slice(0, -1)),
  )
  await fc.assert(
    fc.asyncProperty(payload, fc.boolean(), async (text, isOneToMany) => {
      const datas = ["a", "b", "c"]
      const outcome = await processBy(() => returned(text), datas, {
        world: { extensions: { oneToMany: isOneToMany } },
      })
      const { records, failures, counts } = outcome.processed
      const kept = new Set(records.map(({ source }) => source))
      if (!isOneToMany) assert.equal(kept.size, records.length)
      assert.equal(new Set(failures.map(({ source }) => source)).size, failures.length)
      for (const { source, code, message } of failures) {
        assert.ok(!kept.has(source))
        assert.match(code, /^Lambda\.[A-Za-z]+$/)
        assert.notEqual(message, "")
      }
      // What was neither kept nor failed was dropped by the function's own word.
      const succeeded = counts.find(({ name }) => name === "SucceedProcessing.Records")?.amount ?? 0
      assert.equal(succeeded + failures.length, datas.length)
      const dropped = succeeded - kept.size
      if (dropped > 0) assert.match(text, /Dropped/)
      for (const { keys } of records) {
        for (const value of Object.values(keys?.lambda ?? {})) assert.ok(typeof value === "string" && value !== "")
      }
    }),
    { numRuns: 500 },
  )
})

test("An answer that is nested beyond any measure is an answer like any other", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`
  const record = (member: string) => `{"recordId":"record-0000000","result":"Ok","data":"YQ==",${member}}`
  const nested = await processBy(
    () => returned(`{"records":[${record(`"metadata":{"partitionKeys":{"a":${deep}}}`)}]}`),
    ["a"],
  )
  assert.deepEqual(codes(nested), [[0, "Lambda.JsonMappingException", 1]])
  const beside = await processBy(() => returned(`{"records":[${record(`"other":${deep}`)}]}`), ["a"])
  assert.deepEqual(texts(beside.processed), ["0:a"])
})

test("Several chunks are processed side by side, each with its own outcome", async () => {
  const chunk = (text: string): Chunk => ({
    sources: [{ data: Buffer.from(text), arrivalMs: startMs, id: "same" }],
    stream: { arn: "arn:aws:firehose:eu-west-1:123456789012:deliverystream/clicks", region: "eu-west-1" },
  })
  const running: LambdaEvent[] = []
  const functions = functionsOf(async (event, signal) => {
    running.push(event)
    while (running.length < 3) await new Promise(setImmediate)
    return upperCase(event, signal)
  })
  const chain = openChain([configured("Lambda", { LambdaArn: arn })], worldWith({ functions }))
  const { signal } = new AbortController()
  const processed = await Promise.all(["a", "b", "c"].map((text) => chain.process(chunk(text), signal)))
  assert.deepEqual(processed.map(texts), [["0:A"], ["0:B"], ["0:C"]])
})

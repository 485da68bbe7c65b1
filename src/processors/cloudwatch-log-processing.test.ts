import assert from "node:assert/strict"
import { test } from "node:test"
import { configured, process, startMs, texts } from "./testing.ts"

const extraction = (value: string) => [configured("CloudWatchLogProcessing", { DataMessageExtraction: value })]
const envelope = (messages: readonly unknown[], messageType = "DATA_MESSAGE") =>
  JSON.stringify({
    messageType,
    owner: "123456789012",
    logGroup: "group",
    logStream: "stream",
    subscriptionFilters: ["filter"],
    logEvents: messages.map((message, id) => ({ id: String(id), timestamp: 1, message })),
  })

test("only the messages are left, one on a line, without a newline at the end", async () => {
  for (const yes of ["true", "True", "TRUE"]) {
    const records = [envelope(["one"]), envelope(['{"a":1}', "zwei \u00fc", ""])]
    assert.deepEqual(texts(await process(extraction(yes), records)), ["0:one", '1:{"a":1}\nzwei \u00fc\n'])
  }
})

test("what is sent to see whether it can be, and what holds no messages, is dropped", async () => {
  const records = [envelope(["CWL CONTROL MESSAGE: Checking health"], "CONTROL_MESSAGE"), envelope([])]
  assert.deepEqual(await process(extraction("true"), records), { records: [], failures: [], counts: [] })
})

test("what CloudWatch Logs would not send fails, and the others go on", async () => {
  const others = [
    ...["text", "[]", "null", "{}", '{"messageType":"DATA_MESSAGE"}', '{"messageType":"DATA_MESSAGE","logEvents":{}}'],
    ...[
      envelope([1]),
      envelope([undefined]),
      envelope(["one"], "OTHER"),
      '{"messageType":"DATA_MESSAGE","logEvents":[null]}',
    ],
  ]
  const processed = await process(extraction("true"), [...others, envelope(["one"])])
  assert.deepEqual(texts(processed), [`${others.length}:one`])
  assert.deepEqual(
    processed.failures,
    others.map((_, source) => ({
      source,
      kind: "processing-failed",
      code: "CloudWatchLogProcessing.MalformedRecord",
      message: "The record is not a message of CloudWatch Logs: a JSON object with messageType and logEvents",
      attemptsMade: 1,
      attemptEndedMs: startMs,
    })),
  )
})

test("without extraction records are left as they are", async () => {
  const records = ["text", envelope(["one"])]
  for (const no of ["false", "FALSE"]) {
    assert.deepEqual(
      texts(await process(extraction(no), records)),
      records.map((record, index) => `${index}:${record}`),
    )
  }
})

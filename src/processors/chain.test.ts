import assert from "node:assert/strict"
import { test } from "node:test"
import { gzipSync } from "node:zlib"
import { openChain } from "./chain.ts"
import { chunkOf, configured, process, texts, worldWith } from "./testing.ts"

const decompression = configured("Decompression")
const extraction = configured("CloudWatchLogProcessing", { DataMessageExtraction: "true" })
const split = configured("RecordDeAggregation", { SubRecordType: "JSON" })
const delimiter = configured("AppendDelimiterToRecord")

const logs = (...messages: readonly string[]) =>
  gzipSync(JSON.stringify({ messageType: "DATA_MESSAGE", logEvents: messages.map((message) => ({ message })) }))

test("steps are done in the order of the service, whatever the order of the configuration", async () => {
  const records = [logs('{"a":1}', '{"b":2}'), gzipSync("other"), "plain"]
  for (const steps of [
    [decompression, extraction, split, delimiter],
    [delimiter, split, extraction, decompression],
  ]) {
    const processed = await process(steps, records)
    assert.deepEqual(texts(processed), ['0:{"a":1}\n', '0:{"b":2}\n'])
    assert.deepEqual(
      processed.failures.map(({ source, kind }) => [source, kind]),
      [
        [2, "decompression-failed"],
        [1, "processing-failed"],
      ],
    )
    assert.equal(processed.counts.length, 4)
  }
})

test("without steps records are left as they are, and nothing is asked for", async () => {
  const chain = openChain([], worldWith())
  assert.equal(chain.hints, undefined)
  assert.deepEqual(texts(await process([], ["one", ""])), ["0:one", "1:"])
  assert.deepEqual(await process([decompression, delimiter], []), { records: [], failures: [], counts: [] })
})

test("a chunk that nobody waits for any more is given up", async () => {
  const signal = AbortSignal.abort(new Error("over"))
  await assert.rejects(openChain([delimiter], worldWith()).process(chunkOf("one"), signal), { message: "over" })
})

test("a large chunk lets others have their turn", async () => {
  let turns = 0
  const count = setImmediate(function again() {
    turns++
    next = setImmediate(again)
  })
  let next = count
  const large = Buffer.alloc(100_000, "x")
  await process(
    [split, delimiter],
    Array.from({ length: 100 }, () => large),
  )
  clearImmediate(next)
  assert.ok(turns >= 20 && turns < 100, String(turns))
})

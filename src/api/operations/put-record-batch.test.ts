import assert from "node:assert/strict"
import { test } from "node:test"
import { setImmediate as turn } from "node:timers/promises"
import { PutRecordBatchCommand, ServiceUnavailableException } from "@aws-sdk/client-firehose"
import fc from "fast-check"
import type { Ingest } from "../../ingest/index.ts"
import { idsOf, startApi } from "../testing.ts"
import { encodeBatchAnswer } from "./put-record-batch.ts"

const DeliveryStreamName = "s"
const records = (count: number, bytes: number) =>
  Array.from({ length: count }, () => ({ Data: Buffer.alloc(bytes).toString("base64") }))

test("A batch is stored whole, answered in the order of its records, and counted", async (t) => {
  const { client, ingest, metrics, createActive } = await startApi(t)
  await createActive("s")
  const Records = ["first", "", "third"].map((text) => ({ Data: Buffer.from(text) }))
  const answer = await client.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }))
  assert.equal(answer.FailedPutCount, 0)
  assert.equal(answer.Encrypted, false)
  assert.deepEqual(
    answer.RequestResponses,
    [0, 1, 2].map((number) => ({ RecordId: "A".repeat(35) + number })),
  )
  assert.deepEqual(ingest.texts("s"), ["first", "", "third"])
  assert.deepEqual(metrics.counts, {
    "s IncomingBytes": 10,
    "s IncomingRecords": 3,
    "s IncomingPutRequests": 1,
    "s PutRecordBatch.Bytes": 10,
    "s PutRecordBatch.Records": 3,
    "s PutRecordBatch.Requests": 1,
  })
})

test("The answer is compact: Fluent Bit looks for the bytes of a count of 0", async (t) => {
  const { call, createActive } = await startApi(t)
  await createActive("s")
  const { text } = await call("PutRecordBatch", { DeliveryStreamName, Records: records(1, 1) })
  const id = "0".padStart(36, "A")
  assert.equal(text, `{"Encrypted":false,"FailedPutCount":0,"RequestResponses":[{"RecordId":"${id}"}]}`)
})

test("The answer is what JSON.stringify makes of it", () => {
  const recordIds = fc.array(fc.base64String({ minLength: 1 }), { minLength: 1 })
  fc.assert(
    fc.property(recordIds, (ids) => {
      const RequestResponses = ids.map((RecordId) => ({ RecordId }))
      const plain = JSON.stringify({ Encrypted: false, FailedPutCount: 0, RequestResponses })
      assert.equal(encodeBatchAnswer({ recordIds: idsOf(ids), sealed: false, admitted: undefined }), plain)
    }),
  )
})

test("500 records are taken, and 501 or none are refused", async (t) => {
  const { call, createActive } = await startApi(t)
  await createActive("s")
  const put = (count: number) => call("PutRecordBatch", { DeliveryStreamName, Records: records(count, 1) })
  const taken = await put(500)
  assert.equal(JSON.parse(taken.text).RequestResponses.length, 500)
  assert.match((await put(501)).text, /at 'records' failed .* length less than or equal to 500/)
  assert.match((await put(0)).text, /at 'records' failed .* length greater than or equal to 1/)
})

test("A batch of exactly 4 MiB is taken, and a byte more is refused", async (t) => {
  const { call, ingest, createActive } = await startApi(t)
  await createActive("s")
  const Records = [...records(4, 1_024_000), ...records(1, 98_304)]
  assert.equal((await call("PutRecordBatch", { DeliveryStreamName, Records })).status, 200)
  const { status, text } = await call("PutRecordBatch", { DeliveryStreamName, Records: [...Records, ...records(1, 1)] })
  assert.equal(status, 400)
  assert.deepEqual(JSON.parse(text), {
    __type: "InvalidArgumentException",
    message: "Records size exceeds 4 MB limit",
  })
  assert.equal(ingest.records.get("s")?.length, 5)
})

test("The size of a batch is told only of a stream that there is", async (t) => {
  const { call } = await startApi(t)
  const { text } = await call("PutRecordBatch", { DeliveryStreamName, Records: records(5, 1_000_000) })
  assert.equal(JSON.parse(text).__type, "ResourceNotFoundException")
})

test("One bad record refuses the whole batch, with its place counted from 1", async (t) => {
  const { call, ingest, createActive } = await startApi(t)
  await createActive("s")
  const Records = [...records(1, 1), ...records(1, 1_045_710)]
  const { text } = await call("PutRecordBatch", { DeliveryStreamName, Records })
  assert.equal(
    JSON.parse(text).message,
    "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=1045710 cap=1045710]' " +
      "at 'records.2.member.data' failed to satisfy constraint: Member must have length less than or equal to 1024000",
  )
  assert.equal(ingest.records.size, 0)
})

test("A batch that cannot be stored now is refused as a whole, which every client retries", async (t) => {
  const { client, ingest, metrics, createActive } = await startApi(t)
  await createActive("s")
  ingest.refusal = { kind: "unavailable", reason: "The queue is full" }
  const Records = [{ Data: Buffer.from("a") }, { Data: Buffer.from("b") }]
  await assert.rejects(
    client.send(new PutRecordBatchCommand({ DeliveryStreamName, Records })),
    (error) => error instanceof ServiceUnavailableException && error.message === "Slow down.",
  )
  assert.deepEqual(metrics.counts, { "s Hydrant.PutsRefused": 1 })
})

test("The memory of a batch is used for another one once it is stored, and not before", async (t) => {
  const waiting: { readonly data: Uint8Array; readonly store: () => void }[] = []
  const ingest: Ingest = {
    put: (_stream, { data }) =>
      new Promise((resolve) => {
        const recordIds = idsOf(["A"])
        waiting.push({ data, store: () => resolve({ kind: "stored", recordIds, sealed: false }) })
      }),
  }
  const { call, createActive } = await startApi(t, { ingest })
  await createActive("s")
  const put = (text: string) => {
    const answer = call("PutRecordBatch", {
      DeliveryStreamName,
      Records: [{ Data: Buffer.from(text).toString("base64") }],
    })
    return { answer, arrived: until(() => waiting.some(({ data }) => String(Buffer.from(data)) === text)) }
  }
  const first = put("first")
  await first.arrived
  const second = put("second")
  await second.arrived
  assert.deepEqual(
    waiting.map(({ data }) => String(Buffer.from(data))),
    ["first", "second"],
  )
  assert.notEqual(waiting[0]?.data.buffer, waiting[1]?.data.buffer)
  for (const { store } of waiting) store()
  await Promise.all([first.answer, second.answer])
  const third = put("third")
  await third.arrived
  assert.ok(waiting.slice(0, 2).some(({ data }) => data.buffer === waiting[2]?.data.buffer))
  waiting[2]?.store()
  await third.answer
})

async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await turn()
}

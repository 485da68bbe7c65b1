import assert from "node:assert/strict"
import { test } from "node:test"
import { PutRecordBatchCommand, PutRecordCommand, ServiceUnavailableException } from "@aws-sdk/client-firehose"
import { createQuota, type QuotaLimits } from "../ingest/index.ts"
import { SetClock, startApi } from "./testing.ts"

const DeliveryStreamName = "s"
const noLimits: QuotaLimits = { recordsPerSecond: undefined, requestsPerSecond: undefined, bytesPerSecond: undefined }
const records = (...texts: readonly string[]) => texts.map((text) => ({ Data: Buffer.from(text) }))

test("Of a batch over the quota the part that fits is stored, and each record is answered in its place", async (t) => {
  const clock = new SetClock()
  const quota = createQuota({ ...noLimits, bytesPerSecond: 10 }, clock)
  const { client, call, ingest, metrics, createActive } = await startApi(t, { quota, clock })
  await createActive("s")
  const Records = records("four", "sevenxx", "", "six666", "one")
  const answer = await client.send(new PutRecordBatchCommand({ DeliveryStreamName, Records }))
  const throttled = { ErrorCode: "ServiceUnavailableException", ErrorMessage: "Slow down." }
  const id = (number: number) => ({ RecordId: "A".repeat(35) + number })
  assert.equal(answer.FailedPutCount, 2)
  assert.equal(answer.Encrypted, false)
  assert.deepEqual(answer.RequestResponses, [id(0), throttled, id(1), id(2), throttled])
  assert.deepEqual(ingest.texts("s"), ["four", "", "six666"])
  assert.deepEqual(metrics.counts, {
    "s ThrottledRecords": 2,
    "s IncomingBytes": 10,
    "s IncomingRecords": 3,
    "s IncomingPutRequests": 1,
    "s PutRecordBatch.Bytes": 10,
    "s PutRecordBatch.Records": 3,
    "s PutRecordBatch.Requests": 1,
  })

  clock.elapsedMs += 1000
  const { text } = await call("PutRecordBatch", {
    DeliveryStreamName,
    Records: [{ Data: "AAAA" }, { Data: "A".repeat(12) }],
  })
  assert.equal(
    text,
    `{"Encrypted":false,"FailedPutCount":1,"RequestResponses":[{"RecordId":"${"A".repeat(35)}3"},` +
      '{"ErrorCode":"ServiceUnavailableException","ErrorMessage":"Slow down."}]}',
  )
})

test("A put of which nothing fits is refused as a whole, which every client retries, and told to the operator", async (t) => {
  const clock = new SetClock()
  const quota = createQuota({ ...noLimits, recordsPerSecond: 2 }, clock)
  const { client, ingest, metrics, logger, createActive } = await startApi(t, { quota, clock })
  await createActive("s")
  // Both operations draw on the same quota.
  await client.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from("1") } }))
  await client.send(new PutRecordBatchCommand({ DeliveryStreamName, Records: records("2") }))
  for (const put of [
    new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from("3") } }),
    new PutRecordBatchCommand({ DeliveryStreamName, Records: records("4", "5") }),
  ]) {
    await assert.rejects(
      // Of the two types of commands the SDK wants to know which.
      put instanceof PutRecordCommand ? client.send(put) : client.send(put),
      (error) => error instanceof ServiceUnavailableException && error.message === "Slow down.",
    )
  }
  assert.deepEqual(ingest.texts("s"), ["1", "2"])
  assert.equal(metrics.counts["s ThrottledRecords"], 3)
  assert.equal(metrics.counts["s Hydrant.PutsRefused"], 2)
  assert.equal(metrics.counts["s IncomingRecords"], 2)
  const [line] = logger.at("warn")
  assert.deepEqual(line?.fields, {
    stream: "s",
    reason: "More is put into the stream than its quota of 2 records a second",
    refusedPuts: 1,
  })
})

test("Other operations are limited each by itself, after the signature and before anything else", async (t) => {
  const clock = new SetClock()
  const { call, createActive, client } = await startApi(t, { clock, callsPerSecondMax: 5 })
  await createActive("s")
  const list = async () => {
    const { status, text } = await call("ListDeliveryStreams", {})
    return status === 200 ? "listed" : JSON.parse(text)
  }
  for (let count = 0; count < 5; count++) assert.equal(await list(), "listed")
  assert.deepEqual(await list(), { __type: "ThrottlingException", message: "Rate exceeded" })
  assert.equal((await call("DescribeDeliveryStream", { DeliveryStreamName })).status, 200)
  for (let count = 0; count < 8; count++) {
    await client.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from("x") } }))
  }
  clock.elapsedMs += 200
  assert.equal(await list(), "listed")
  assert.equal((await list()).__type, "ThrottlingException")
})

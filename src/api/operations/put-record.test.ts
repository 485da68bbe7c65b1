import assert from "node:assert/strict"
import { test } from "node:test"
import { PutRecordCommand, ServiceUnavailableException } from "@aws-sdk/client-firehose"
import { startApi } from "../testing.ts"

test("A record is stored as it is, answered with its id, and counted", async (t) => {
  const { client, ingest, metrics, call, createActive } = await startApi(t)
  await createActive("s")
  const data = Uint8Array.from({ length: 256 }, (_, index) => index)
  const answer = await client.send(new PutRecordCommand({ DeliveryStreamName: "s", Record: { Data: data } }))
  assert.equal(answer.RecordId, "A".repeat(35) + 0)
  assert.equal(answer.Encrypted, false)
  const empty = await call("PutRecord", { DeliveryStreamName: "s", Record: { Data: "" } })
  assert.equal(empty.text, `{"Encrypted":false,"RecordId":"${"A".repeat(35)}1"}`)
  assert.deepEqual(ingest.records.get("s"), [Buffer.from(data), Buffer.alloc(0)])
  assert.deepEqual(metrics.counts, {
    "s IncomingBytes": 256,
    "s IncomingRecords": 2,
    "s IncomingPutRequests": 2,
    "s PutRecord.Bytes": 256,
    "s PutRecord.Requests": 2,
  })
})

test("A record of 1,024,000 bytes is taken, and one more is refused", async (t) => {
  const { client, call, createActive } = await startApi(t)
  await createActive("s")
  const Data = Buffer.alloc(1_024_000)
  await client.send(new PutRecordCommand({ DeliveryStreamName: "s", Record: { Data } }))
  const more = Buffer.alloc(1_024_001).toString("base64")
  const { text } = await call("PutRecord", { DeliveryStreamName: "s", Record: { Data: more } })
  assert.deepEqual(JSON.parse(text), {
    __type: "ValidationException",
    message:
      "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=1024001 cap=1024001]' at 'record.data' " +
      "failed to satisfy constraint: Member must have length less than or equal to 1024000",
  })
})

for (const kind of ["CREATING", "DELETING", "CREATING_FAILED", "DELETING_FAILED"] as const) {
  test(`A stream in status ${kind} takes no records`, async (t) => {
    const { call, ingest, metrics, createActive, setStatus } = await startApi(t)
    await createActive("s")
    const failure = { type: "UNKNOWN_ERROR", details: "The disk is gone" }
    await setStatus("s", kind === "CREATING" || kind === "DELETING" ? { kind } : { kind, failure })
    const { status, text } = await call("PutRecord", { DeliveryStreamName: "s", Record: { Data: "" } })
    assert.equal(status, 400)
    assert.deepEqual(JSON.parse(text), {
      __type: "ResourceNotFoundException",
      message: "Firehose s under account 123456789012 not found.",
    })
    assert.deepEqual(ingest.records.size, 0)
    assert.deepEqual(metrics.counts, {})
  })
}

test("A stream that is deleted while the record is stored is not found", async (t) => {
  const { call, ingest, createActive } = await startApi(t)
  await createActive("s")
  ingest.refusal = { kind: "gone" }
  const { text } = await call("PutRecord", { DeliveryStreamName: "s", Record: { Data: "" } })
  assert.equal(JSON.parse(text).__type, "ResourceNotFoundException")
})

test("A record that cannot be stored now is refused with a 503, counted as refused and logged with the reason", async (t) => {
  const { client, call, ingest, metrics, logger, createActive } = await startApi(t)
  await createActive("s")
  ingest.refusal = { kind: "unavailable", reason: "The disk is full" }
  const put = { DeliveryStreamName: "s", Record: { Data: Buffer.from("a") } }
  await assert.rejects(
    client.send(new PutRecordCommand(put)),
    (error) => error instanceof ServiceUnavailableException && error.$metadata.httpStatusCode === 503,
  )
  const { status, text } = await call("PutRecord", { DeliveryStreamName: "s", Record: { Data: "" } })
  assert.deepEqual([status, text], [503, '{"__type":"ServiceUnavailableException","message":"Slow down."}'])
  assert.deepEqual(metrics.counts, { "s Hydrant.PutsRefused": 2 })
  assert.equal(logger.at("warn").length, 1)
})

const malformed: readonly [data: unknown, type: string][] = [
  ["YQ", "SerializationException"],
  ["YQ=\n=", "SerializationException"],
  ["-_==", "SerializationException"],
  ["YR==", "SerializationException"],
  [1, "SerializationException"],
  [null, "ValidationException"],
]

for (const [Data, expected] of malformed) {
  test(`Data of ${JSON.stringify(Data)} is refused with a ${expected}`, async (t) => {
    const { call, createActive } = await startApi(t)
    await createActive("s")
    const { text } = await call("PutRecord", { DeliveryStreamName: "s", Record: { Data } })
    assert.equal(JSON.parse(text).__type, expected)
  })
}

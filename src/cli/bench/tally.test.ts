import assert from "node:assert/strict"
import { test } from "node:test"
import { Tally } from "./tally.ts"

const answer = (body: unknown, status = 200) => ({
  status,
  body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
})
const stored = { RecordId: "1" }
const slowDown = { ErrorCode: "ServiceUnavailableException", ErrorMessage: "Slow down." }

test("What became of batches is counted by record, and latencies are of those that stored something", () => {
  const tally = new Tally("put-record-batch", 2)
  tally.answered(answer({ Encrypted: false, FailedPutCount: 0, RequestResponses: [stored, stored] }), 1)
  // As a server writes it that is not as compact.
  tally.answered(answer('{ "FailedPutCount": 0, "RequestResponses": [{"RecordId":"1"},{"RecordId":"2"}] }'), 2)
  tally.answered(answer({ FailedPutCount: 1, RequestResponses: [slowDown, stored] }), 3)
  tally.answered(answer({ FailedPutCount: 2, RequestResponses: [slowDown, slowDown] }), 400)
  tally.answered(answer({ __type: "ServiceUnavailableException", message: "Slow down." }, 503), 500)
  tally.answered(answer("<html>Bad gateway</html>", 502), 600)
  tally.answered(answer("<html>Welcome</html>"), 700)
  tally.failed(new Error("read ECONNRESET"))
  assert.equal(tally.requestCount, 8)
  assert.equal(tally.storedRecords, 5)
  assert.equal(tally.refusedRecords, 11)
  assert.deepEqual(
    [...tally.refusals],
    [
      ["ServiceUnavailableException: Slow down. (part of a batch)", { requestCount: 2, recordCount: 3 }],
      ["ServiceUnavailableException: Slow down.", { requestCount: 1, recordCount: 2 }],
      ["HTTP 502", { requestCount: 1, recordCount: 2 }],
      ["HTTP 200: not an answer to PutRecordBatch", { requestCount: 1, recordCount: 2 }],
      ["read ECONNRESET", { requestCount: 1, recordCount: 2 }],
    ],
  )
  assert.deepEqual([tally.latencies.count, tally.latencies.maxMs], [3, 3])
})

test("Errors without end are counted in bounded memory", () => {
  const tally = new Tally("put-record", 1)
  for (let number = 0; number < 1000; number++) tally.failed(new Error(`failure ${number}`))
  assert.equal(tally.refusals.size, 51)
  assert.equal(tally.refusals.get("other errors")?.requestCount, 950)
})

import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { readShape } from "../shapes/index.ts"
import { putRecordBatch } from "./operations/put-record-batch.ts"
import { readBatchQuickly } from "./quick-batch.ts"

/** The plain way: JSON.parse and the shapes. */
function readPlainly(body: Buffer): unknown {
  try {
    const outcome = readShape(putRecordBatch.input, JSON.parse(body.toString()))
    return outcome.kind === "read" ? outcome.value : undefined
  } catch (error) {
    assert.ok(error instanceof SyntaxError)
    return undefined
  }
}

const anyData = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("base64"))
const anyBatch = fc.record({
  DeliveryStreamName: fc.stringMatching(/^[a-zA-Z0-9_.-]{1,10}$/),
  Records: fc.array(fc.record({ Data: anyData }), { minLength: 1, maxLength: 5 }),
})
const anySpacing = fc.constantFrom(undefined, 1, "\t")

test("a batch as clients write it is read, as the plain way reads it", () => {
  fc.assert(
    fc.property(anyBatch, anySpacing, (batch, spacing) => {
      const body = Buffer.from(JSON.stringify(batch, undefined, spacing))
      const read = readBatchQuickly(body)
      assert.ok(read !== undefined)
      assert.deepEqual(read, readPlainly(body))
    }),
  )
})

test("whatever is read quickly, the plain way reads alike", () => {
  const pieces = fc.constantFrom(...'{}[]:,"\\ -_=Aé\u0000', "\\u0041", '{"Data":"YQ=="}', '"Data"', "null", "YQ==")
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.array(pieces, { maxLength: 2 })), {
    minLength: 1,
    maxLength: 3,
  })
  const disturbed = fc.tuple(anyBatch, anySpacing, edits).map(([batch, spacing, changes]) => {
    let text = JSON.stringify(batch, undefined, spacing)
    for (const [at, count, insert] of changes) {
      const index = at % (text.length + 1)
      text = text.slice(0, index) + insert.join("") + text.slice(index + count)
    }
    return Buffer.from(text)
  })
  fc.assert(
    fc.property(disturbed, (body) => {
      const read = readBatchQuickly(body)
      if (read !== undefined) assert.deepEqual(read, readPlainly(body))
    }),
    { numRuns: 5000 },
  )
})

const left: readonly [what: string, body: string][] = [
  ["no body", ""],
  ["another order of the members", '{"Records":[{"Data":""}],"DeliveryStreamName":"a"}'],
  ["a member more", '{"DeliveryStreamName":"a","Records":[{"Data":"","X":1}]}'],
  ["no records", '{"DeliveryStreamName":"a","Records":[]}'],
  ["an escape in the data", '{"DeliveryStreamName":"a","Records":[{"Data":"\\u0059Q=="}]}'],
  ["an escape in the name", '{"DeliveryStreamName":"\\u0061","Records":[{"Data":""}]}'],
  ["what is not base64", '{"DeliveryStreamName":"a","Records":[{"Data":"-_=="}]}'],
  ["something after the end", '{"DeliveryStreamName":"a","Records":[{"Data":""}]}x'],
  ["501 records", `{"DeliveryStreamName":"a","Records":[${Array(501).fill('{"Data":""}').join()}]}`],
  ["a record that is too large", `{"DeliveryStreamName":"a","Records":[{"Data":"${"AAAA".repeat(341_334)}"}]}`],
]
for (const [what, body] of left) {
  test(`${what}: left to the plain way`, () => assert.equal(readBatchQuickly(Buffer.from(body)), undefined))
}

test("500 records, and one of the largest size, are read", () => {
  const many = `{"DeliveryStreamName":"a","Records":[${Array(500).fill('{"Data":"YQ=="}').join()}]}`
  assert.equal(readBatchQuickly(Buffer.from(many))?.Records.lengths.length, 500)
  const large = `{"DeliveryStreamName":"a","Records":[{"Data":"${Buffer.alloc(1_024_000).toString("base64")}"}]}`
  assert.equal(readBatchQuickly(Buffer.from(large))?.Records.data.length, 1_024_000)
})

import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { readShape } from "../shapes/index.ts"
import { putRecord } from "./operations/put-record.ts"
import { readRecordQuickly } from "./quick-record.ts"

/** The plain way: JSON.parse and the shapes. */
function readPlainly(body: Buffer): unknown {
  try {
    const outcome = readShape(putRecord.input, JSON.parse(body.toString()))
    return outcome.kind === "read" ? outcome.value : undefined
  } catch (error) {
    assert.ok(error instanceof SyntaxError)
    return undefined
  }
}

const anyData = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("base64"))
const anyPut = fc.record({
  DeliveryStreamName: fc.stringMatching(/^[a-zA-Z0-9_.-]{1,10}$/),
  Record: fc.record({ Data: anyData }),
})
const anySpacing = fc.constantFrom(undefined, 1, "\t")

test("a put as clients write it is read, as the plain way reads it", () => {
  fc.assert(
    fc.property(anyPut, anySpacing, (put, spacing) => {
      const body = Buffer.from(JSON.stringify(put, undefined, spacing))
      const read = readRecordQuickly(body)
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
  const disturbed = fc.tuple(anyPut, anySpacing, edits).map(([put, spacing, changes]) => {
    let text = JSON.stringify(put, undefined, spacing)
    for (const [at, count, insert] of changes) {
      const index = at % (text.length + 1)
      text = text.slice(0, index) + insert.join("") + text.slice(index + count)
    }
    return Buffer.from(text)
  })
  fc.assert(
    fc.property(disturbed, (body) => {
      const read = readRecordQuickly(body)
      if (read !== undefined) assert.deepEqual(read, readPlainly(body))
    }),
    { numRuns: 5000 },
  )
})

const left: readonly [what: string, body: string][] = [
  ["no body", ""],
  ["another order of the members", '{"Record":{"Data":""},"DeliveryStreamName":"a"}'],
  ["a member more", '{"DeliveryStreamName":"a","Record":{"Data":"","X":1}}'],
  ["an escape in the data", '{"DeliveryStreamName":"a","Record":{"Data":"\\u0059Q=="}}'],
  ["what is not base64", '{"DeliveryStreamName":"a","Record":{"Data":"-_=="}}'],
  ["something after the end", '{"DeliveryStreamName":"a","Record":{"Data":""}}x'],
  ["a record that is too large", `{"DeliveryStreamName":"a","Record":{"Data":"${"AAAA".repeat(341_334)}"}}`],
]
for (const [what, body] of left) {
  test(`${what}: left to the plain way`, () => assert.equal(readRecordQuickly(Buffer.from(body)), undefined))
}

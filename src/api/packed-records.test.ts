import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { batchOf } from "../ingest/index.ts"
import { list, readShape } from "../shapes/index.ts"
import { record } from "./members.ts"
import { packed } from "./packed-records.ts"

const plain = list("The records.", record, { countMin: 1, countMax: 5 })
const batch = packed(plain)

test("records are read into a batch, with the problems that they have one by one", () => {
  const anyData = fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString("base64")) },
    fc.constantFrom("YQ", "-_==", "YR==", "YQ==YQ==", "", null, 1, [], {}),
  )
  const anyRecord = fc.oneof({ weight: 9, arbitrary: fc.record({ Data: anyData }) }, fc.constantFrom({}, null, "x", []))
  const anyRecords = fc.oneof({ weight: 9, arbitrary: fc.array(anyRecord, { maxLength: 7 }) }, fc.jsonValue())
  fc.assert(
    fc.property(anyRecords, (value) => {
      const expected = readShape(plain, value)
      const outcome = readShape(batch, value)
      assert.deepEqual(
        outcome,
        expected.kind === "read" ? { kind: "read", value: batchOf(expected.value.map(({ Data }) => Data)) } : expected,
      )
    }),
    { numRuns: 2000 },
  )
})

test("a record of the largest size is read, and one byte more is told", () => {
  const records = (sizeBytes: number) => [{ Data: Buffer.alloc(sizeBytes).toString("base64") }]
  assert.equal(readShape(batch, records(1_024_000)).kind, "read")
  const refused = readShape(batch, records(1_024_001))
  assert.ok(refused.kind === "refused")
  assert.match(refused.problems[0]?.message ?? "", /1\.member\.data.*less than or equal to 1024000/)
})

import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { Batcher, batchLimits } from "./batcher.ts"
import type { LineRecord } from "./line-splitter.ts"

const limits = { recordsMax: 5, bytesMax: 20 }

const recordLists = fc
  .array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 })
  .map((sizes) => sizes.map((size, index): LineRecord => ({ lineNumber: index + 1, data: new Uint8Array(size) })))

function batchesOf(records: readonly LineRecord[]): (readonly LineRecord[])[] {
  const batcher = new Batcher<LineRecord>(limits)
  const batches = records.map((record) => batcher.add(record))
  return [...batches, batcher.take()].filter((batch) => batch !== undefined)
}

function bytes(batch: readonly LineRecord[]): number {
  return batch.reduce((sum, { data }) => sum + data.byteLength, 0)
}

test("Batches hold every record once, in order", () => {
  fc.assert(fc.property(recordLists, (records) => assert.deepEqual(batchesOf(records).flat(), records)))
})

test("No batch is empty or over a limit", () => {
  fc.assert(
    fc.property(recordLists, (records) => {
      for (const batch of batchesOf(records)) {
        assert.ok(batch.length >= 1 && batch.length <= limits.recordsMax)
        assert.ok(bytes(batch) <= limits.bytesMax)
      }
    }),
  )
})

test("No batch is closed while the next record would have fitted", () => {
  fc.assert(
    fc.property(recordLists, (records) => {
      const batches = batchesOf(records)
      for (const [index, batch] of batches.slice(0, -1).entries()) {
        const next = batches[index + 1]?.slice(0, 1) ?? []
        assert.ok(batch.length === limits.recordsMax || bytes([...batch, ...next]) > limits.bytesMax)
      }
    }),
  )
})

test("The limits are those of PutRecordBatch", () => {
  assert.deepEqual(batchLimits, { recordsMax: 500, bytesMax: 4_194_304 })
})

import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { asPosition } from "../log/index.ts"
import { locateRecord, recordIds, streamMark } from "./record-id.ts"

const anyLocation = fc.record({
  streamMark: fc.string({ minLength: 1 }).map(streamMark),
  partition: fc.integer({ min: 0, max: 65_535 }),
  position: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 500 }).map(asPosition),
  arrivalMs: fc.integer({ min: 0, max: 2 ** 47 }),
})

test("an id says where its record is", () => {
  fc.assert(
    fc.property(anyLocation, fc.integer({ min: 1, max: 500 }), (first, count) => {
      const ids = recordIds(first, count).joined(",").split(",")
      assert.equal(new Set(ids).size, count)
      assert.equal(ids.length, count)
      for (const [index, id] of ids.entries()) {
        assert.deepEqual(locateRecord(id), { ...first, position: first.position + index })
      }
    }),
    { numRuns: 50 },
  )
})

test("a text that is not an id, or a mistyped one, is told from an id", () => {
  fc.assert(
    fc.property(anyLocation, fc.nat(35), fc.string({ maxLength: 50 }), (location, at, other) => {
      const id = recordIds(location, 1).joined("")
      const mistyped = id.slice(0, at) + (id[at] === "A" ? "B" : "A") + id.slice(at + 1)
      assert.equal(locateRecord(mistyped), undefined)
      assert.equal(locateRecord(other), undefined)
    }),
  )
})

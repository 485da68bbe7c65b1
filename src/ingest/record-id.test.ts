import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { asPosition } from "../log/index.ts"
import { locateRecord, PartitionIds, streamMark } from "./record-id.ts"

const anyLocation = fc.record({
  streamUid: fc.string({ minLength: 1 }),
  partition: fc.integer({ min: 0, max: 65_535 }),
  position: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 500 }).map(asPosition),
  arrivalMs: fc.integer({ min: 0, max: 2 ** 47 }),
})

test("an id says where its record is", () => {
  fc.assert(
    fc.property(anyLocation, fc.integer({ min: 1, max: 500 }), ({ streamUid, partition, ...first }, count) => {
      const ids = new PartitionIds(streamUid, partition).at(first, count).joined(",").split(",")
      assert.equal(new Set(ids).size, count)
      assert.equal(ids.length, count)
      for (const [index, id] of ids.entries()) {
        const { arrivalMs, position } = first
        const location = { streamMark: streamMark(streamUid), partition, arrivalMs, position: position + index }
        assert.deepEqual(locateRecord(id), location)
      }
    }),
    { numRuns: 50 },
  )
})

test("ids that arrived at other moments are made of their own", () => {
  const ids = new PartitionIds("s", 0)
  const arrivals = [1, 1, 2, 1].map((arrivalMs) =>
    locateRecord(ids.at({ position: asPosition(7), arrivalMs }, 1).joined("")),
  )
  assert.deepEqual(
    arrivals.map((location) => location?.arrivalMs),
    [1, 1, 2, 1],
  )
})

test("a text that is not an id, or a mistyped one, is told from an id", () => {
  fc.assert(
    fc.property(
      anyLocation,
      fc.nat(35),
      fc.string({ maxLength: 50 }),
      ({ streamUid, partition, ...first }, at, other) => {
        const id = new PartitionIds(streamUid, partition).at(first, 1).joined("")
        const mistyped = id.slice(0, at) + (id[at] === "A" ? "B" : "A") + id.slice(at + 1)
        assert.equal(locateRecord(mistyped), undefined)
        assert.equal(locateRecord(other), undefined)
      },
    ),
  )
})

import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { batchOf } from "../log/index.ts"
import type { Quota } from "./quota.ts"
import { awsQuotaLimits, type QuotaLimits } from "./quota-limits.ts"
import { createQuota } from "./stream-quota.ts"

const mebibyte = 1024 * 1024
const none: QuotaLimits = { recordsPerSecond: undefined, requestsPerSecond: undefined, bytesPerSecond: undefined }

/** A quota, and the clock that it looks at. */
function limited(limits: Partial<QuotaLimits>) {
  const clock = { nowMs: 0, elapsed: () => clock.nowMs }
  return { clock, quota: createQuota({ ...none, ...limits }, clock) }
}

/** Records of given sizes, each filled with its number. */
const batch = (...sizes: readonly number[]) => batchOf(sizes.map((size, index) => Buffer.alloc(size, index + 1)))

/** Which records of a put are taken: 1 or 0 for each. */
function admit(quota: Quota, sizes: readonly number[], streamUid = "s"): readonly number[] {
  const admission = quota.admit(streamUid, batch(...sizes))
  if (admission.kind === "all") return sizes.map(() => 1)
  return admission.kind === "none" ? sizes.map(() => 0) : [...admission.admitted]
}

test("The limits are those of the region", () => {
  for (const region of ["us-east-1", "us-west-2", "eu-west-1"]) {
    assert.deepEqual(awsQuotaLimits(region), {
      recordsPerSecond: 500_000,
      requestsPerSecond: 2000,
      bytesPerSecond: 5 * mebibyte,
    })
  }
  assert.deepEqual(awsQuotaLimits("eu-central-1"), {
    recordsPerSecond: 100_000,
    requestsPerSecond: 1000,
    bytesPerSecond: mebibyte,
  })
})

test("Of a batch that is too large the records are taken that find room, wherever they are", () => {
  const { quota } = limited({ bytesPerSecond: 100 })
  const admission = quota.admit("s", batch(60, 50, 0, 30, 20, 10))
  assert.ok(admission.kind === "part")
  assert.deepEqual([...admission.admitted], [1, 0, 1, 1, 0, 1])
  assert.deepEqual([...admission.batch.lengths], [60, 0, 30, 10])
  const expected = Buffer.concat([Buffer.alloc(60, 1), Buffer.alloc(30, 4), Buffer.alloc(10, 6)])
  assert.deepEqual(Buffer.from(admission.batch.data), expected)
  assert.equal(admission.reason, "More is put into the stream than its quota of 100 bytes a second")
})

test("Each limit holds by itself", () => {
  const records = limited({ recordsPerSecond: 3 }).quota
  assert.deepEqual(
    [admit(records, [1, 1]), admit(records, [1, 1])],
    [
      [1, 1],
      [1, 0],
    ],
  )
  const requests = limited({ requestsPerSecond: 2 }).quota
  assert.deepEqual([admit(requests, [1, 1]), admit(requests, [1]), admit(requests, [1])], [[1, 1], [1], [0]])
  const bytes = limited({ bytesPerSecond: 10 }).quota
  assert.deepEqual([admit(bytes, [10]), admit(bytes, [1])], [[1], [0]])
})

test("A batch of which a part is taken is one call", () => {
  const { quota } = limited({ requestsPerSecond: 3, bytesPerSecond: 10 })
  assert.deepEqual(admit(quota, [4, 4, 4]), [1, 1, 0])
  assert.deepEqual([admit(quota, [0]), admit(quota, [0]), admit(quota, [0])], [[1], [1], [0]])
})

test("A put that is refused whole takes nothing", () => {
  const { quota } = limited({ requestsPerSecond: 2, recordsPerSecond: 2, bytesPerSecond: 10 })
  assert.deepEqual(admit(quota, [9]), [1])
  for (let count = 0; count < 5; count++) assert.deepEqual(admit(quota, [2]), [0])
  assert.deepEqual(admit(quota, [1]), [1])
})

test("A stream over its quota takes nothing from another one, and one that is made anew begins afresh", () => {
  const { quota } = limited({ bytesPerSecond: 10 })
  assert.deepEqual([admit(quota, [10], "a"), admit(quota, [10], "a"), admit(quota, [10], "b")], [[1], [0], [1]])
  quota.forget("a")
  assert.deepEqual(admit(quota, [10], "a"), [1])
})

test("A batch of 4 MiB goes through 1 MiB a second in four puts, of what was refused the second before", () => {
  const { quota, clock } = limited(awsQuotaLimits("eu-central-1"))
  let left = Array.from({ length: 500 }, () => 8388)
  const puts: number[] = []
  while (left.length > 0) {
    const admitted = admit(quota, left)
    left = left.filter((_, index) => admitted[index] === 0)
    puts.push(left.length)
    clock.nowMs += 1000
  }
  assert.deepEqual(puts, [375, 250, 125, 0])
})

test("A record that is larger than a second's worth is taken when nothing was put for a while, and paid for after", () => {
  const { quota, clock } = limited({ bytesPerSecond: 10 })
  assert.deepEqual(admit(quota, [25]), [1])
  clock.nowMs = 1500
  assert.deepEqual(admit(quota, [1]), [0], "the debt of 15 is just paid")
  clock.nowMs = 2400
  assert.deepEqual(admit(quota, [25]), [0], "a tenth is missing")
  clock.nowMs = 2500
  assert.deepEqual(admit(quota, [25, 25]), [1, 0])
})

test("Whatever is put when, no stream takes more than a second's worth, one large record, and what flows in", () => {
  const anyPuts = fc.array(
    fc.record({
      afterMs: fc.double({ min: 0, max: 700, noNaN: true }),
      sizes: fc.array(fc.nat(300), { minLength: 1, maxLength: 20 }),
    }),
    { maxLength: 60 },
  )
  const anyLimits = fc.record({
    recordsPerSecond: fc.integer({ min: 1, max: 40 }),
    requestsPerSecond: fc.integer({ min: 1, max: 10 }),
    bytesPerSecond: fc.integer({ min: 1, max: 2000 }),
  })
  fc.assert(
    fc.property(anyLimits, anyPuts, (limits, puts) => {
      const { quota, clock } = limited(limits)
      const taken = { records: 0, requests: 0, bytes: 0 }
      for (const { afterMs, sizes } of puts) {
        clock.nowMs += afterMs
        const admitted = admit(quota, sizes)
        const kept = sizes.filter((_, index) => admitted[index] === 1)
        taken.records += kept.length
        taken.requests += kept.length > 0 ? 1 : 0
        taken.bytes += kept.reduce((sum, size) => sum + size, 0)
        const most = (rate: number) => (rate + (rate * clock.nowMs) / 1000) * (1 + 1e-9)
        assert.ok(taken.records <= most(limits.recordsPerSecond))
        assert.ok(taken.requests <= most(limits.requestsPerSecond))
        assert.ok(taken.bytes <= most(limits.bytesPerSecond) + Math.max(0, 300 - limits.bytesPerSecond))
      }
    }),
  )
})

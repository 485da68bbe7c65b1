import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { TokenBucket } from "./token-bucket.ts"

const anyRate = fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 5 * 1024 * 1024 }))
/** Who comes when, in milliseconds after the one before, and for how much. */
const anyVisits = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3000, noNaN: true })),
    amount: fc.integer({ min: 1, max: 2_000_000 }),
  }),
  { minLength: 1, maxLength: 100 },
)

test("never more than one second's worth and what flows in is taken, over whatever time", () => {
  fc.assert(
    fc.property(anyRate, anyVisits, fc.nat(99), (rate, visits, first) => {
      const bucket = new TokenBucket(rate, 0)
      let nowMs = 0
      let begunMs: number | undefined
      let taken = 0
      for (const [index, { afterMs, amount }] of visits.entries()) {
        nowMs += afterMs
        if (index === first % visits.length) begunMs = nowMs
        bucket.refill(nowMs)
        if (!bucket.holds(amount)) continue
        bucket.take(amount)
        if (begunMs === undefined) continue
        taken += amount
        const most = rate + (rate * (nowMs - begunMs)) / 1000
        assert.ok(taken <= most * (1 + 1e-9), `${taken} of at most ${most}`)
      }
    }),
  )
})

test("how often it is refilled makes no difference to what it holds", () => {
  fc.assert(
    fc.property(anyRate, anyVisits, (rate, visits) => {
      const often = new TokenBucket(rate, 0)
      const once = new TokenBucket(rate, 0)
      for (const bucket of [often, once]) bucket.take(rate * 20)
      let nowMs = 0
      for (const { afterMs } of visits) {
        nowMs += afterMs / 100
        often.refill(nowMs)
      }
      once.refill(nowMs)
      // What is still missing, found by asking.
      const missing = (bucket: TokenBucket) => {
        let [low, high] = [0, rate * 21]
        for (let step = 0; step < 60; step++) {
          const middle = (low + high) / 2
          if (bucket.holds(rate - middle)) high = middle
          else low = middle
        }
        return low
      }
      assert.ok(Math.abs(missing(often) - missing(once)) <= rate * 1e-6)
    }),
  )
})

test("what was asked for steadily at its rate is never refused", () => {
  const bucket = new TokenBucket(10, 0)
  for (let tenths = 0; tenths < 1000; tenths++) {
    bucket.refill(tenths * 100)
    assert.ok(bucket.holds(1), `after ${tenths} tenths of a second`)
    bucket.take(1)
  }
})

test("a clock that jumps forward fills it once, and one that jumps back takes nothing away and does not stop it", () => {
  const bucket = new TokenBucket(100, 0)
  bucket.take(100)
  bucket.refill(3_600_000)
  assert.deepEqual([bucket.holds(100), bucket.holds(101)], [true, false])
  bucket.take(60)
  bucket.refill(0)
  assert.deepEqual([bucket.holds(40), bucket.holds(41)], [true, false])
  bucket.refill(100)
  assert.deepEqual([bucket.holds(50), bucket.holds(51)], [true, false])
})

test("a debt is paid before it holds anything again", () => {
  const bucket = new TokenBucket(10, 0)
  bucket.take(25)
  bucket.refill(1500)
  assert.deepEqual([bucket.holds(0), bucket.holds(1)], [true, false])
  bucket.refill(1600)
  assert.equal(bucket.holds(1), true)
})

test("one without a limit is never empty", () => {
  const bucket = new TokenBucket(Number.POSITIVE_INFINITY, 0)
  for (const nowMs of [0, 0, 1]) {
    bucket.refill(nowMs)
    bucket.take(1e15)
    assert.ok(bucket.holds(1e15))
  }
})

import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { Latencies } from "./latencies.ts"

const anyDurationMs = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 100, noNaN: true }),
  fc.double({ min: 0, max: 600_000, noNaN: true }),
)

test("a quantile is at most 1/64 above that of the durations themselves, and never below", () => {
  fc.assert(
    fc.property(
      fc.array(anyDurationMs, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (durations, fraction) => {
        const latencies = new Latencies()
        for (const durationMs of durations) latencies.add(durationMs)
        const sorted = durations.toSorted((one, other) => one - other)
        const exact = sorted[Math.max(1, Math.ceil(sorted.length * fraction)) - 1] ?? 0
        const told = latencies.quantileMs(fraction) ?? -1
        // Durations are rounded to microseconds first.
        assert.ok(told >= exact - 0.001 && told <= exact * (1 + 1 / 64) + 0.002, `${told} for ${exact}`)
        assert.equal(latencies.maxMs, Math.max(...durations))
        assert.equal(latencies.count, durations.length)
      },
    ),
  )
})

test("without durations there is no quantile, and a very long one counts as an hour", () => {
  const latencies = new Latencies()
  assert.equal(latencies.quantileMs(0.5), undefined)
  latencies.add(1e9)
  assert.equal(latencies.maxMs, 1e9)
  const told = latencies.quantileMs(0.5) ?? 0
  assert.ok(told >= 3_600_000 && told < 3_700_000)
})

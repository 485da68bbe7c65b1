import assert from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { JqOutcome } from "./jq-engine.ts"
import { createJqHere } from "./jq-here.ts"
import { numberText } from "./number-text.ts"

test("numbers are printed as jq prints what it has calculated", async () => {
  const jq = createJqHere()
  const numbers = [
    ...[
      0,
      1,
      -1,
      0.1,
      1e15,
      1e16,
      1e17,
      123456789012345680000,
      1e20,
      1e21,
      1.5e300,
      1e-4,
      1e-5,
      1e-7,
      0.00012345,
      2 ** 53,
    ],
    ...[1e17, 1234567.125, 100, 1e2, 5e-324, Number.MAX_VALUE, 123456789e8, 1.25e16, 1.25e18],
    ...fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 2000, seed: 1 }),
    ...fc.sample(fc.double({ noNaN: true, min: -1e22, max: 1e22 }), { numRuns: 2000, seed: 2 }),
    ...fc.sample(fc.maxSafeInteger(), { numRuns: 500, seed: 3 }),
  ]
  const run = await jq.run(
    ". + 0",
    numbers.map((value) => JSON.stringify(value)),
    new AbortController().signal,
  )
  assert.ok(run.kind === "ran")
  for (const [index, value] of numbers.entries()) {
    const outcome: JqOutcome | undefined = run.outcomes[index]
    assert.ok(outcome?.kind === "value")
    // Adding zero takes the minus from a zero.
    assert.equal(numberText(value), Object.is(value, -0) ? "-0" : outcome.json)
  }
  assert.equal(numberText(Number.POSITIVE_INFINITY), "1.7976931348623157e+308")
})

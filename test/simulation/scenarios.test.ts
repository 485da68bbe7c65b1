import assert from "node:assert/strict"
import { test } from "node:test"
import { scenarios } from "./scenarios.ts"

for (const { name, run, seedsPerTest } of scenarios) {
  test(`${name}: every promise is kept under ${seedsPerTest} seeds`, async () => {
    for (let seed = 1; seed <= seedsPerTest; seed++) {
      try {
        await run(seed)
      } catch (cause) {
        throw new Error(
          `Seed ${seed}; repeat it with: npm run simulate -- --scenario ${name} --first ${seed} --seeds 1`,
          {
            cause,
          },
        )
      }
    }
  })

  test(`${name}: the same seed gives the same run`, async () => {
    assert.deepEqual(await run(7), await run(7))
    assert.notEqual((await run(7)).traceHash, (await run(8)).traceHash)
  })
}

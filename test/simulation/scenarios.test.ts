import assert from "node:assert/strict"
import { test } from "node:test"
import { repeatCommand } from "./scenario.ts"
import { scenarios } from "./scenarios.ts"

for (const { name, run, seedsPerTest } of scenarios) {
  test(`${name}: every promise is kept under ${seedsPerTest} seeds`, async () => {
    const totals = new Map<string, number>()
    for (let seed = 1; seed <= seedsPerTest; seed++) {
      try {
        const { facts } = await run(seed)
        for (const [fact, count] of Object.entries(facts)) totals.set(fact, (totals.get(fact) ?? 0) + count)
      } catch (cause) {
        throw new Error(`Seed ${seed} fails; repeat it with: ${repeatCommand(name, seed)}`, { cause })
      }
    }
    for (const [fact, count] of totals) assert(count > 0, `In no run there were any ${fact}`)
  })

  test(`${name}: the same seed gives the same run, another seed another one`, async () => {
    const first = await run(7)
    assert.deepEqual(await run(7), first)
    assert.notEqual((await run(8)).traceHash, first.traceHash)
  })
}

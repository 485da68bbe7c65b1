import assert from "node:assert/strict"
import { test } from "node:test"
import { jqEngineContract } from "./jq-engine.contract.ts"
import { createJqHere } from "./jq-here.ts"

jqEngineContract("here", createJqHere)

test("however many records jq can't read, it goes on reading others", async () => {
  const jq = createJqHere()
  const { signal } = new AbortController()
  for (let failed = 0; failed < 4200; failed += 20) {
    const run = await jq.run(".", [...new Array<string>(20).fill('"\\ud800"'), "1"], signal)
    assert.ok(run.kind === "ran")
    assert.match(JSON.stringify(run.outcomes[0]), /surrogate/)
    assert.deepEqual(run.outcomes.at(-1), { kind: "value", json: "1" }, `after ${failed}`)
  }
})

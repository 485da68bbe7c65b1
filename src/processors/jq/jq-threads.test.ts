import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import { jqEngineContract } from "./jq-engine.contract.ts"
import { createJqThreads, type JqLimits } from "./jq-threads.ts"

const signal = new AbortController().signal
const hangsOnTwo = "if . == 2 then def f: f; f else . end"

jqEngineContract("threads", () => createJqThreads({ threadsMax: 1 }))

function threads(context: TestContext, limits: Partial<JqLimits> = {}) {
  const engine = createJqThreads({ threadsMax: 1, limits: { recordMsMax: 1500, suspectRecordMsMax: 1400, ...limits } })
  context.after(() => engine.close())
  return engine
}

test("a program that never ends on some records fails those, and no others", async (context) => {
  const engine = threads(context)
  const run = await engine.run(hangsOnTwo, ["1", "2", "3", "2", "4"], signal)
  assert.deepEqual(run, {
    kind: "ran",
    outcomes: [
      { kind: "value", json: "1" },
      { kind: "failed", message: "The query did not end within 1500 ms" },
      { kind: "value", json: "3" },
      { kind: "failed", message: "The query did not end within 1400 ms" },
      { kind: "value", json: "4" },
    ],
  })
})

test("a program that ends on none of many records is given up after a while", async (context) => {
  const engine = threads(context, { hungMsMax: 2000 })
  const run = await engine.run(
    "def f: f; f",
    Array.from({ length: 5000 }, () => "1"),
    signal,
  )
  assert.ok(run.kind === "ran")
  const messages = run.outcomes.map((outcome) => (outcome.kind === "failed" ? outcome.message : ""))
  assert.deepEqual(
    [...new Set(messages)],
    [
      "The query did not end within 1500 ms",
      "The query did not end within 1400 ms",
      "The query did not end on too many other records: this one was not tried",
    ],
  )
  assert.equal(run.outcomes.length, 5000)
})

test("a program that has hung holds up no other one any more", async (context) => {
  const engine = threads(context, { suspectRecordMsMax: 600_000 })
  await engine.run(hangsOnTwo, ["2"], signal)
  const over = new AbortController()
  const hanging = assert.rejects(engine.run(hangsOnTwo, ["2"], over.signal), { message: "over" })
  // It would wait for ten minutes behind that.
  assert.deepEqual(await engine.run(".", ["1"], signal), { kind: "ran", outcomes: [{ kind: "value", json: "1" }] })
  over.abort(new Error("over"))
  await hanging
  assert.deepEqual(await engine.run(hangsOnTwo, ["3"], signal), {
    kind: "ran",
    outcomes: [{ kind: "value", json: "3" }],
  })
})

test("slow is not hung, as long as records get done", async (context) => {
  const engine = threads(context)
  const query = "reduce range(100000) as $i (0; . + 1)"
  const run = await engine.run(
    query,
    Array.from({ length: 40 }, () => "1"),
    signal,
  )
  assert.ok(run.kind === "ran")
  assert.deepEqual([...new Set(run.outcomes)].length, 40)
  assert.ok(run.outcomes.every(({ kind }) => kind === "value"))
})

test("several programs at once each have their own answers", async (context) => {
  const engine = createJqThreads({ threadsMax: 2 })
  context.after(() => engine.close())
  const inputs = Array.from({ length: 2500 }, (_, index) => String(index))
  const runs = await Promise.all([1, 2, 3, 4, 5].map((factor) => engine.run(`. * ${factor}`, inputs, signal)))
  for (const [index, run] of runs.entries()) {
    const outcomes = inputs.map((input) => ({ kind: "value", json: String(Number(input) * (index + 1)) }))
    assert.deepEqual(run, { kind: "ran", outcomes })
  }
})

test("threads that have nothing to do are ended, and others take their place", async (context) => {
  const engine = threads(context, { idleMsMax: 1 })
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(await engine.run(".", ["1"], signal), { kind: "ran", outcomes: [{ kind: "value", json: "1" }] })
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
})

test("the end ends what runs, and nothing is run after it", async (context) => {
  const engine = threads(context, { recordMsMax: 600_000 })
  const runs = [1, 2, 3].map((which) =>
    assert.rejects(engine.run(`${hangsOnTwo} | ${which}`, ["2"], signal), /jq has ended/),
  )
  await engine.close()
  await Promise.all(runs)
  await assert.rejects(engine.run(".", ["1"], signal), /jq has ended/)
  await engine.close()
})

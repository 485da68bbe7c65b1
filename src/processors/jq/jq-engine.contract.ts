import assert from "node:assert/strict"
import { type TestContext, test } from "node:test"
import type { JqEngine, JqOutcome } from "./jq-engine.ts"

const signal = new AbortController().signal
const value = (json: string): JqOutcome => ({ kind: "value", json })
const failed = (message: string): JqOutcome => ({ kind: "failed", message })

/** What every engine does: each test gets one of its own. */
export function jqEngineContract(name: string, create: () => JqEngine): void {
  const tell = (title: string, run: (engine: JqEngine, context: TestContext) => Promise<void>) =>
    test(`${name}: ${title}`, async (context) => {
      const engine = create()
      context.after(() => engine.close())
      await run(engine, context)
    })

  async function outcomes(engine: JqEngine, query: string, inputs: readonly string[]): Promise<readonly JqOutcome[]> {
    const run = await engine.run(query, inputs, signal)
    assert.equal(run.kind, "ran")
    return run.kind === "ran" ? run.outcomes : []
  }

  tell("each record has its own value", async (engine) => {
    const answers = await outcomes(engine, '{a:.a,b:(.b // "none")}', [
      '{"a":1}',
      '{\n"a":\n"x\\ny","b":[1,2]}\n',
      '{"a":"\u00fc\u{1f600}"}',
    ])
    assert.deepEqual(answers, [
      value('{"a":1,"b":"none"}'),
      value('{"a":"x\\ny","b":[1,2]}'),
      value('{"a":"\u00fc\u{1f600}","b":"none"}'),
    ])
    assert.deepEqual(await outcomes(engine, ".", []), [])
  })

  tell("a record that fails leaves the others be", async (engine) => {
    const query =
      'if . == 1 then error("no one") elif . == 2 then error({a:1}) elif . == 3 then empty elif . == 4 then (1,2) elif . == 5 then (1,error("late")) elif . == 6 then error(null) elif . == 7 then repeat(1) else .a end'
    const answers = await outcomes(engine, query, ["1", "2", "3", "4", "5", "6", "7", '"x"', '{"a":8}'])
    assert.deepEqual(answers, [
      failed("no one"),
      failed('{"a":1}'),
      failed("The query gave no value"),
      failed("The query gave more than one value"),
      failed("late"),
      failed("null"),
      failed("The query gave more than one value"),
      failed('Cannot index string with string ("a")'),
      value("8"),
    ])
  })

  tell("a record on which jq itself gives up, or that takes all memory, leaves the others be", async (engine) => {
    const query =
      'if . == "stack" then def f: 1 + f; f elif . == "memory" then ([range(1e9) | tostring * 10000] | length) elif . == "large" then "x" * 2000000 else . end'
    const answers = await outcomes(engine, query, ["1", '"\\ud800"', '"stack"', "2", '"memory"', '"large"', "3"])
    assert.deepEqual([answers[0], answers[3], answers[6]], [value("1"), value("2"), value("3")])
    assert.deepEqual(
      answers[1],
      failed("parse error: Invalid \\uXXXX\\uXXXX surrogate pair escape at line 2, column 8"),
    )
    assert.equal(answers[2]?.kind, "failed")
    assert.equal(answers[4]?.kind, "failed")
    assert.deepEqual(answers[5], failed("The query gave more than 1048576 bytes"))
    assert.deepEqual(await outcomes(engine, ".", ["1"]), [value("1")])
  })

  tell("a program that does not compile is told, with what is wrong with it", async (engine) => {
    for (const [query, message] of [
      ["{a:.b", /^syntax error, unexpected end of file/],
      ["{year:yyyy/MM}", /^yyyy\/0 is not defined/],
      ["!{timestamp:yyyy}", /^syntax error, unexpected INVALID_CHARACTER/],
    ] as const) {
      const run = await engine.run(query, ["1"], signal)
      assert.ok(run.kind === "broken")
      assert.match(run.message, message)
    }
    assert.deepEqual(await outcomes(engine, ". # a comment", ["1"]), [value("1")])
  })

  tell("many records, and large ones, are done", async (engine) => {
    const inputs = Array.from({ length: 5000 }, (_, index) => JSON.stringify({ index, text: "x".repeat(index % 300) }))
    inputs.push(JSON.stringify({ index: 5000, text: "y".repeat(1_000_000) }))
    const answers = await outcomes(engine, ".index", inputs)
    assert.deepEqual(
      answers,
      inputs.map((_, index) => value(String(index))),
    )
  })

  tell("nothing is done for one who waits no more", async (engine) => {
    await assert.rejects(engine.run(".", ["1"], AbortSignal.abort(new Error("over"))), { message: "over" })
  })
}

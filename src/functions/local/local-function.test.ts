import assert from "node:assert/strict"
import { utimes, writeFile } from "node:fs/promises"
import { test } from "node:test"
import { until } from "../../../test/support/until.ts"
import { systemClock, systemRandom } from "../../platform/index.ts"
import { failed } from "../failures.ts"
import { answerBytesMax } from "../functions.ts"
import { arn, invoke, moduleFor } from "../testing.ts"
import { LocalFunction } from "./local-function.ts"

const codeOf = (outcome: Awaited<ReturnType<typeof invoke>>) => (outcome.kind === "failed" ? outcome.code : outcome)
const detailOf = (outcome: Awaited<ReturnType<typeof invoke>>) => (outcome.kind === "failed" ? outcome.detail : outcome)

const tellsItsProcess = "export const handler = async () => process.pid"

test("A handler gets the event and a context, and what it returns is the answer", async (t) => {
  const { functions } = await moduleFor(
    t,
    `export const handler = async (event, context) => ({ event, context, left: context.getRemainingTimeInMillis() })`,
  )
  const outcome = await invoke(functions, { records: ["é"] }, `${arn}:live`)
  assert.ok(outcome.kind === "returned")
  const { event, context, left } = outcome.value
  assert.deepEqual(event, { records: ["é"] })
  assert.ok(left > 0 && left <= 20_000)
  assert.match(context.awsRequestId, /^[0-9a-f-]{36}$/)
  delete context.awsRequestId
  assert.deepEqual(context, {
    functionName: "orders",
    functionVersion: "live",
    invokedFunctionArn: `${arn}:live`,
    memoryLimitInMB: "64",
    logGroupName: "/aws/lambda/orders",
    logStreamName: "hydrant",
    callbackWaitsForEmptyEventLoop: true,
  })
})

test("Handlers in CommonJS, with a callback, without async and without an answer work too", async (t) => {
  const cases = [
    ["a.cjs", "exports.handler = async (event) => event", { kind: "returned", value: 1 }],
    ["b.cjs", "module.exports = { ['hand' + 'ler']: (event) => event + 1 }", { kind: "returned", value: 2 }],
    [
      "c.mjs",
      "export function handler(event, context, callback) { callback(null, [event]) }",
      { kind: "returned", value: [1] },
    ],
    [
      "d.mjs",
      "export const handler = async (event, context, callback) => 'promised'",
      { kind: "returned", value: "promised" },
    ],
    ["e.mjs", "export const handler = () => {}", { kind: "returned", value: null }],
  ] as const
  for (const [name, source, expected] of cases) {
    const { functions } = await moduleFor(t, source, { name })
    assert.deepEqual(await invoke(functions, 1), expected, name)
  }
})

test("What a handler throws is a function error, with what it said for the log", async (t) => {
  const { functions, lines } = await moduleFor(
    t,
    `export const handler = (event, context, callback) => {
       if (event === "throw") throw new RangeError("no such order")
       if (event === "call back") return callback(new Error("called back"))
       if (event === "text") throw "a text"
       if (event === "unshown") throw { toString() { throw new Error() } }
       if (event === "circle") { const circle = {}; circle.circle = circle; return callback(null, circle) }
       callback(null, event)
     }`,
  )
  const { message } = failed("Lambda.FunctionError")
  const first = await invoke(functions, "throw")
  assert.ok(first.kind === "failed")
  assert.deepEqual({ code: first.code, message: first.message }, { code: "Lambda.FunctionError", message })
  assert.match(first.detail ?? "", /^RangeError: no such order\n.*orders\.mjs:2/s)
  assert.match(String(detailOf(await invoke(functions, "call back"))), /^Error: called back/)
  assert.equal(detailOf(await invoke(functions, "text")), "a text")
  assert.match(String(detailOf(await invoke(functions, "unshown"))), /can't be shown/)
  assert.match(String(detailOf(await invoke(functions, "circle"))), /circular/)
  assert.deepEqual(await invoke(functions, "well"), { kind: "returned", value: "well" })
  const [line] = lines
  assert.equal(line?.text, "A function failed")
  assert.equal(line.fields["function"], arn)
  assert.match(String(line.fields["reason"]), /no such order/)
})

test("A module that can't be loaded is a function error, and is loaded once it can be", async (t) => {
  const { functions, file } = await moduleFor(t, "export const handler = (")
  assert.match(String(detailOf(await invoke(functions))), /^SyntaxError/)
  await writeFile(file, "export const another = 1")
  assert.match(String(detailOf(await invoke(functions))), /exports no function called handler/)
  await writeFile(file, "export const handler = () => 'at last'")
  assert.deepEqual(await invoke(functions), { kind: "returned", value: "at last" })
})

test("A module that is not there is not found", async (t) => {
  const { functions } = await moduleFor(t, "", { mapped: new Map([[arn, "/nowhere/orders.mjs"]]) })
  const outcome = await invoke(functions)
  assert.equal(codeOf(outcome), "Lambda.ResourceNotFound")
  assert.match(String(detailOf(outcome)), /no module "\/nowhere\/orders\.mjs"/)
})

test("A module that changed is read anew, and one that did not keeps its process", async (t) => {
  const { functions, file } = await moduleFor(t, tellsItsProcess)
  const first = await invoke(functions)
  assert.deepEqual(await invoke(functions), first)
  await utimes(file, new Date(), new Date(0))
  const second = await invoke(functions)
  assert.ok(first.kind === "returned" && second.kind === "returned")
  assert.notEqual(second.value, first.value)
  await writeFile(file, "export const handler = () => 'new'")
  assert.deepEqual(await invoke(functions), { kind: "returned", value: "new" })
})

for (const [how, source] of [
  ["loops", "for (;;);"],
  ["waits for ever", "return new Promise(() => {})"],
  ["waits without letting go of its thread", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)"],
] as const) {
  test(`A handler that ${how} is ended after its time-out, and the next invocation runs`, async (t) => {
    const { functions } = await moduleFor(
      t,
      `export const handler = (event) => { if (event === "well") return event; ${source} }`,
      { timeoutMs: 500 },
    )
    const outcome = await invoke(functions)
    assert.equal(codeOf(outcome), "Lambda.FunctionTimedOut")
    assert.equal(detailOf(outcome), "Task timed out after 0.50 seconds")
    // A process that has just started on a busy machine may need longer than that.
    await until(async () => (await invoke(functions, "well")).kind === "returned")
  })
}

for (const [how, source, reason] of [
  ["exits", "process.exit(7)", /exit code 7/],
  [
    "throws where nobody catches",
    "setImmediate(() => { throw new Error('uncaught') }); return new Promise(() => {})",
    /^Error: uncaught/,
  ],
  [
    "rejects where nobody looks",
    "Promise.reject(new Error('unhandled')); return new Promise(() => {})",
    /^Error: unhandled/,
  ],
  ["kills its process", "process.kill(process.pid, 'SIGKILL')", /signal SIGKILL/],
  ["aborts as native code does", "process.abort()", /signal SIGABRT/],
  [
    "lets go of the process that started it",
    "process.disconnect(); setInterval(() => {}, 1000); return new Promise(() => {})",
    /signal SIGKILL/,
  ],
] as const) {
  test(`A handler that ${how} ends its own process only`, async (t) => {
    const { functions } = await moduleFor(
      t,
      `export const handler = (event) => { if (event === "well") return event; ${source} }`,
    )
    const outcome = await invoke(functions)
    assert.equal(codeOf(outcome), "Lambda.FunctionError")
    assert.match(String(detailOf(outcome)), reason)
    assert.deepEqual(await invoke(functions, "well"), { kind: "returned", value: "well" })
  })
}

for (const [what, source] of [
  ["objects", "kept.push({ kept: [kept.length] })"],
  ["texts", "kept.push(String(kept.length).repeat(1000) + kept.length)"],
  ["a map that grows", "kept[0] ??= new Map(); kept[0].set(kept[0].size, {})"],
  ["large arrays", "kept.push(new Array(3e7).fill(1.5))"],
  ["large split texts", 'kept.push("x,".repeat(2e7).split(","))'],
  ["buffers", "kept.push(Buffer.alloc(16 << 20, 1))"],
  [
    "memory of WebAssembly",
    "new Uint8Array((kept[kept.length] = new WebAssembly.Memory({ initial: 1000 })).buffer).fill(1)",
  ],
] as const) {
  test(`A handler that fills memory with ${what}, in a loop without end, ends its own process only, and says so in the log`, async (t) => {
    const { functions, lines } = await moduleFor(
      t,
      `export const handler = (event) => { if (event === "well") return event; const kept = []; for (;;) { ${source} } }`,
    )
    const outcome = await invoke(functions)
    assert.equal(codeOf(outcome), "Lambda.FunctionError")
    assert.match(String(detailOf(outcome)), /ended by the signal SIG/)
    // V8, or what watches over all memory: of an array that is too large, whoever sees it first.
    const told = /heap out of memory|takes \d+ MiB and may take 256/
    await until(() => lines.some(({ fields, text }) => fields["function"] === arn && told.test(text)))
    assert.deepEqual(await invoke(functions, "well"), { kind: "returned", value: "well" })
  })
}

test("Whoever stops waiting for a turn takes it from nobody else", async (t) => {
  const { functions } = await moduleFor(
    t,
    `export const handler = async (event) => { await new Promise((resolve) => setTimeout(resolve, 100)); return event }`,
  )
  const five = (event: string, signal?: AbortSignal) =>
    Array.from({ length: 5 }, () => invoke(functions, event, arn, signal))
  const over = new AbortController()
  const running = five("runs")
  const leaving = five("leaves", over.signal)
  const waiting = five("waits")
  await new Promise(setImmediate)
  over.abort(new Error("no longer wanted"))
  for (const one of leaving) await assert.rejects(one, /no longer wanted/)
  for (const one of await Promise.all(running)) assert.deepEqual(one, { kind: "returned", value: "runs" })
  for (const one of await Promise.all(waiting)) assert.deepEqual(one, { kind: "returned", value: "waits" })
})

test("What a function says to the process that started its own is nobody's answer", async (t) => {
  const { functions } = await moduleFor(
    t,
    `export const handler = async () => { process.send?.({ kind: "tooLarge", sizeBytes: 1 }); return "answer" }`,
  )
  assert.deepEqual(await invoke(functions), { kind: "returned", value: "answer" })
})

test("A function that ends itself between two invocations is started anew", async (t) => {
  const { functions } = await moduleFor(t, `${tellsItsProcess}; setTimeout(() => process.exit(1), 50)`)
  const first = await invoke(functions)
  assert.ok(first.kind === "returned")
  await until(async () => {
    const outcome = await invoke(functions)
    return outcome.kind === "returned" && outcome.value !== first.value
  })
})

test("What a handler answers beyond 6 MB is told as too large, and up to that it is taken", async (t) => {
  const { functions } = await moduleFor(t, `export const handler = (length) => "x".repeat(length - 2)`)
  const outcome = await invoke(functions, answerBytesMax)
  assert.ok(outcome.kind === "returned" && outcome.value.length === answerBytesMax - 2)
  const large = await invoke(functions, answerBytesMax + 1)
  assert.ok(large.kind === "failed" && large.isTooLarge)
  assert.equal(large.code, "Lambda.FunctionError")
})

test("Invocations run side by side, five at a time, each in a process of its own", async (t) => {
  const { functions } = await moduleFor(
    t,
    `let running = 0
     export const handler = async () => {
       running++
       await new Promise((resolve) => setTimeout(resolve, 20))
       return { pid: process.pid, running: running-- }
     }`,
  )
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => invoke(functions)))
  const values = outcomes.map((outcome) => (outcome.kind === "returned" ? outcome.value : assert.fail()))
  assert.deepEqual(new Set(values.map(({ running }) => running)), new Set([1]))
  const processes = new Set(values.map(({ pid }) => pid))
  assert.ok(processes.size > 1 && processes.size <= 5)
})

test("What a handler writes to its console is told in the log, with its ARN, and not without end", async (t) => {
  const { functions, lines } = await moduleFor(
    t,
    `export const handler = async (lines) => {
       console.error("é".repeat(5000))
       for (let line = 0; line < lines; line++) console.log("line " + line)
     }`,
  )
  await invoke(functions, 5000)
  const told = () => lines.filter(({ text }) => text.startsWith("line "))
  await until(() => told().length > 0)
  assert.ok(told().length <= 200)
  assert.deepEqual(told()[0], { fields: { function: arn }, text: "line 0" })
  assert.ok(lines.every(({ text }) => text.length <= 4096))
})

test("A handler has a copy of the server's variables, and its own name in it", async (t) => {
  process.env["HYDRANT_FUNCTIONS_TEST"] = "server's"
  t.after(() => delete process.env["HYDRANT_FUNCTIONS_TEST"])
  const { functions } = await moduleFor(
    t,
    `export const handler = () => {
       const before = process.env.HYDRANT_FUNCTIONS_TEST
       process.env.HYDRANT_FUNCTIONS_TEST = "function's"
       return [before, process.env.AWS_LAMBDA_FUNCTION_NAME]
     }`,
  )
  assert.deepEqual(await invoke(functions), { kind: "returned", value: ["server's", "orders"] })
  assert.equal(process.env["HYDRANT_FUNCTIONS_TEST"], "server's")
})

test("Whoever does not wait any longer is told so at once, and the handler is ended", async (t) => {
  const { functions } = await moduleFor(
    t,
    "export const handler = (event) => { if (event === 'well') return event; for (;;); }",
  )
  await invoke(functions, "well")
  const ending = new AbortController()
  const invoked = invoke(functions, {}, arn, ending.signal)
  ending.abort(new Error("no longer wanted"))
  await assert.rejects(invoked, /no longer wanted/)
  await assert.rejects(invoke(functions, "well", arn, ending.signal), /no longer wanted/)
  assert.deepEqual(await invoke(functions, "well"), { kind: "returned", value: "well" })
})

test("The end ends what runs and what waits, also a loop, and may be asked for twice", async (t) => {
  const { file } = await moduleFor(t, "export const handler = () => { for (;;); }")
  const local = new LocalFunction(file, {
    clock: systemClock,
    random: systemRandom,
    logger: { info() {}, warn() {} },
    timeoutMs: 600_000,
    memoryBytesMax: 64 * 1024 * 1024,
  })
  const signal = new AbortController().signal
  const invoked = Array.from({ length: 8 }, () => local.invoke(arn, Buffer.from("{}"), signal))
  await new Promise(setImmediate)
  await local.close()
  for (const outcome of await Promise.all(invoked)) {
    assert.ok(outcome.kind === "failed" && outcome.code === "Lambda.ServiceUnavailable")
  }
  await local.close()
})

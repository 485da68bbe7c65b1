import assert from "node:assert/strict"
import { getEventListeners } from "node:events"
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { test } from "node:test"
import { LambdaDouble } from "../../test/lambda-double/index.ts"
import { arn, folderFor, functionsFor, invoke } from "./testing.ts"

test("An ARN without a qualifier stands for all of them, but for those that are mapped themselves", async (t) => {
  const folder = await folderFor(t)
  const files = ["any", "live"].map((name) => path.join(folder, `${name}.mjs`))
  for (const file of files) await writeFile(file, `export const handler = () => ${JSON.stringify(path.basename(file))}`)
  const [any = "", live = ""] = files
  const { functions } = functionsFor(t, {
    mapped: new Map([
      [arn, any],
      [`${arn}:live`, live],
    ]),
  })
  for (const [qualifier, value] of [
    ["", "any.mjs"],
    [":$LATEST", "any.mjs"],
    [":7", "any.mjs"],
    [":live", "live.mjs"],
  ]) {
    assert.deepEqual(await invoke(functions, {}, `${arn}${qualifier}`), { kind: "returned", value })
  }
})

test("A function that runs nowhere is not found, with what to set", async (t) => {
  const { functions, lines } = functionsFor(t, { mapped: new Map([[`${arn}:live`, "./orders.mjs"]]) })
  const invocation = await invoke(functions)
  assert.ok(invocation.kind === "failed")
  assert.equal(invocation.code, "Lambda.ResourceNotFound")
  assert.match(invocation.message, /with functions, or set lambda-endpoint \(AWS_ENDPOINT_URL_LAMBDA\)/)
  assert.deepEqual(
    lines.map(({ text }) => text),
    ["A function failed"],
  )
})

test("What is not mapped is invoked at Lambda's endpoint", async (t) => {
  const before = { ...process.env }
  process.env["AWS_ACCESS_KEY_ID"] = "AKID"
  process.env["AWS_SECRET_ACCESS_KEY"] = "SECRET"
  const double = await LambdaDouble.start()
  t.after(async () => {
    process.env = before
    await double.close()
  })
  double.setFunction(arn, (payload) => ({ payload }))
  const { functions } = functionsFor(t, { lambda: { endpoint: double.endpoint, region: "us-east-1" } })
  assert.deepEqual(await invoke(functions, [1]), { kind: "returned", value: [1] })
  await functions.close()
  assert.equal((await invoke(functions, [1])).kind, "failed")
})

test("Failures by the thousand are a line a second, which says how many they were", async (t) => {
  const { functions, lines } = functionsFor(t, {})
  for (let count = 0; count < 1000; count++) await invoke(functions)
  assert.ok(lines.length < 100)
  assert.equal(lines[0]?.fields["failures"], 1)
})

test("Nobody who stopped waiting invokes anything", async (t) => {
  const { functions } = functionsFor(t, {})
  await assert.rejects(invoke(functions, {}, arn, AbortSignal.abort(new Error("over"))), /over/)
})

test("Whoever waits for long keeps nothing of invocations that have ended", async (t) => {
  const folder = await folderFor(t)
  const file = path.join(folder, "orders.mjs")
  await writeFile(file, "export const handler = () => 1")
  const { functions } = functionsFor(t, { mapped: new Map([[arn, file]]) })
  const { signal } = new AbortController()
  for (let count = 0; count < 20; count++) await invoke(functions, {}, arn, signal)
  assert.deepEqual(getEventListeners(signal, "abort"), [])
})

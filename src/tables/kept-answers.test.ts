import assert from "node:assert/strict"
import { test } from "node:test"
import { KeptAnswers } from "./kept-answers.ts"

function kept() {
  const clock = { nowMs: 0, elapsed: () => clock.nowMs }
  let asked = 0
  const answers = new KeptAnswers<number>({ clock, keptMs: 10_000 })
  return { clock, ask: (question = "a") => answers.get(question, async () => ++asked), answers }
}

test("What is asked again within the time has the same answer, and then a new one", async () => {
  const { clock, ask } = kept()
  assert.deepEqual(await Promise.all([ask(), ask(), ask("b")]), [1, 1, 2])
  clock.nowMs = 9_999
  assert.equal(await ask(), 1)
  clock.nowMs = 10_000
  assert.equal(await ask(), 3)
})

test("The time begins with the answer, however long it took", async () => {
  const { clock, answers } = kept()
  const { promise, resolve } = deferred()
  const first = answers.get("a", () => promise)
  clock.nowMs = 50_000
  const second = answers.get("a", async () => 2)
  resolve(1)
  assert.deepEqual(await Promise.all([first, second]), [1, 1])
  clock.nowMs = 59_999
  assert.equal(await answers.get("a", async () => 2), 1)
})

test("A failure is told to those who wait, and is not kept", async () => {
  const { ask, answers } = kept()
  const fail = () => Promise.reject(new Error("no"))
  const [first, second] = [answers.get("a", fail), ask()]
  await assert.rejects(first, /no/)
  await assert.rejects(second, /no/)
  assert.equal(await ask(), 1)
})

function deferred() {
  let resolve: (value: number) => void = () => {}
  const promise = new Promise<number>((take) => {
    resolve = take
  })
  return { promise, resolve }
}

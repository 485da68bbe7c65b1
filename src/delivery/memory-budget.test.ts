import assert from "node:assert/strict"
import { test } from "node:test"
import { MemoryBudget } from "./memory-budget.ts"

const never = new AbortController().signal

/** Takes a share, and remembers in `admitted` when it was given. */
async function take(budget: MemoryBudget, bytes: number, admitted: number[], signal = never) {
  const giveBack = await budget.take(bytes, signal)
  admitted.push(bytes)
  return giveBack
}

/** Lets every promise that can be settled be settled. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

test("shares are given in the order in which they were asked for, as long as there is enough", async () => {
  const budget = new MemoryBudget(10)
  const admitted: number[] = []
  const first = take(budget, 6, admitted)
  const second = take(budget, 5, admitted)
  void take(budget, 1, admitted)
  await settle()
  assert.deepEqual(admitted, [6], "a small share does not pass the large one that waits")
  ;(await first)?.()
  await second
  await settle()
  assert.deepEqual(admitted, [6, 5, 1])
})

test("a share larger than all there is gets all there is", async () => {
  const budget = new MemoryBudget(10)
  const admitted: number[] = []
  const giveBack = await take(budget, 100, admitted)
  const next = take(budget, 1, admitted)
  await settle()
  assert.deepEqual(admitted, [100])
  giveBack?.()
  await next
})

test("who gives up waiting gets nothing, and does not hold up the others", async () => {
  const budget = new MemoryBudget(10)
  const admitted: number[] = []
  await take(budget, 6, admitted)
  const signal = new AbortController()
  const given = budget.take(9, signal.signal)
  const next = take(budget, 4, admitted)
  signal.abort()
  assert.equal(await given, undefined)
  await next
  assert.equal(await budget.take(1, AbortSignal.abort()), undefined)
})

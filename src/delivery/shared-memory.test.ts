import assert from "node:assert/strict"
import { test } from "node:test"
import { SharedMemory } from "./shared-memory.ts"

const never = new AbortController().signal

/** Takes a share, and remembers in `admitted` when it was given. */
async function take(memory: SharedMemory, bytes: number, admitted: number[], store = "one", signal = never) {
  const giveBack = await memory.take(store, bytes, signal)
  admitted.push(bytes)
  return giveBack
}

/** Lets every promise that can be settled be settled. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

test("a store's shares are given in the order in which they were asked for, as long as there is enough", async () => {
  const memory = new SharedMemory(20)
  const admitted: number[] = []
  const first = take(memory, 6, admitted)
  void take(memory, 8, admitted)
  void take(memory, 1, admitted)
  await settle()
  assert.deepEqual(admitted, [6], "a small share does not pass the large one that waits")
  ;(await first)?.()
  await settle()
  assert.deepEqual(admitted, [6, 8, 1])
})

test("stores that hang leave memory for others, which all get back when they go on", async () => {
  const memory = new SharedMemory(80)
  const hanging: (() => void)[] = []
  for (const store of ["one", "two", "three"]) {
    for (let count = 0; count < 20; count++) {
      void memory.take(store, 5, new AbortController().signal).then((giveBack) => giveBack && hanging.push(giveBack))
    }
  }
  await settle()
  const heldBytes = hanging.length * 5
  assert.ok(heldBytes >= 60, `${heldBytes} bytes are used`)
  const admitted: number[] = []
  ;(await take(memory, 10, admitted, "four"))?.()
  while (hanging.length > 0) {
    for (const giveBack of hanging.splice(0)) giveBack()
    await settle()
  }
  await take(memory, 80, admitted, "five")
  assert.deepEqual(admitted, [10, 80])
})

test("a share larger than all there is gets all there is", async () => {
  const memory = new SharedMemory(10)
  const admitted: number[] = []
  const giveBack = await take(memory, 100, admitted)
  const next = take(memory, 1, admitted)
  await settle()
  assert.deepEqual(admitted, [100])
  giveBack?.()
  await next
})

test("who gives up waiting gets nothing, and does not hold up the others", async () => {
  const memory = new SharedMemory(10)
  const admitted: number[] = []
  await take(memory, 3, admitted)
  const signal = new AbortController()
  const given = memory.take("one", 9, signal.signal)
  const next = take(memory, 2, admitted)
  signal.abort()
  assert.equal(await given, undefined)
  await next
  assert.equal(await memory.take("two", 1, AbortSignal.abort()), undefined)
})

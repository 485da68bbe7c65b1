import assert from "node:assert/strict"
import { test } from "node:test"
import { Turns } from "./turns.ts"

test("as many go on as may, and the next in line when one ends, also by an error", async () => {
  const turns = new Turns(2)
  const begun: number[] = []
  const ends: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = []
  const work = (number: number) => () => {
    begun.push(number)
    return new Promise<void>((resolve, reject) => ends.push({ resolve, reject }))
  }
  const [first, second, third, fourth] = [1, 2, 3, 4].map((number) => turns.take(work(number)))
  assert.deepEqual(begun, [1, 2])
  const failure = new Error("broken")
  ends[0]?.reject(failure)
  await assert.rejects(async () => first, failure)
  await Promise.resolve()
  assert.deepEqual(begun, [1, 2, 3])
  ends[1]?.resolve()
  await second
  await Promise.resolve()
  assert.deepEqual(begun, [1, 2, 3, 4])
  ends[2]?.resolve()
  ends[3]?.resolve()
  await Promise.all([third, fourth])
  assert.equal(await turns.take(async () => "at once"), "at once")
})

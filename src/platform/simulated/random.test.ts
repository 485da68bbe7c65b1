import assert from "node:assert/strict"
import { test } from "node:test"
import { createSimulatedRandom } from "./random.ts"

test("The same seed draws the same, another seed something else", () => {
  const draw = (seed: number) => {
    const random = createSimulatedRandom(seed)
    return [
      random.uuid(),
      random.fraction(),
      random.bytes(7).toString("hex"),
      random.integer(1000),
      random.fork().uuid(),
    ]
  }
  assert.deepEqual(draw(7), draw(7))
  const seeds = [0, 1, 2, 7, 2 ** 31, 2 ** 32, 2 ** 40 + 1]
  assert.equal(new Set(seeds.map((seed) => draw(seed)[0])).size, seeds.length)
})

test("What one generator draws does not move the one that was forked from it", () => {
  const one = createSimulatedRandom(3)
  const other = createSimulatedRandom(3)
  const forks = [one.fork(), other.fork()]
  one.bytes(100)
  assert.equal(forks[0]?.uuid(), forks[1]?.uuid())
})

test("Numbers are spread evenly over their range", () => {
  const random = createSimulatedRandom(1)
  const counts = Array.from({ length: 10 }, () => 0)
  for (let draw = 0; draw < 100_000; draw++) {
    const drawn = random.integer(10)
    counts[drawn] = (counts[drawn] ?? 0) + 1
  }
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 400, `${counts}`)
})

test("A chance of 0 never happens, a chance of 1 always, a half about half the time", () => {
  const random = createSimulatedRandom(1)
  const happened = (probability: number) =>
    Array.from({ length: 1000 }, () => random.chance(probability)).filter((it) => it).length
  assert.equal(happened(0), 0)
  assert.equal(happened(1), 1000)
  assert.ok(Math.abs(happened(0.5) - 500) < 60)
})

test("A UUID is of version 4", () => {
  const random = createSimulatedRandom(5)
  for (let draw = 0; draw < 100; draw++) {
    assert.match(random.uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  }
})

test("Nothing can be chosen from an empty list", () => {
  assert.throws(() => createSimulatedRandom(1).choice([]), RangeError)
})

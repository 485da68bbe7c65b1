import assert from "node:assert/strict"
import { test } from "node:test"
import { SimulatedClock } from "./clock.ts"
import { Life } from "./life.ts"

const hourMs = 3_600_000

test("Hours pass at once, and each sleeper wakes at its moment", async () => {
  const clock = new SimulatedClock(1000)
  const woken: string[] = []
  const sleeper = async (name: string, durationMs: number) => {
    await clock.sleep(durationMs)
    woken.push(`${name} at ${clock.elapsed()}`)
  }
  await clock.run(Promise.all([sleeper("late", hourMs), sleeper("early", 0.5), sleeper("middle", 10)]))
  assert.deepEqual(woken, ["early at 0.5", "middle at 10", `late at ${hourMs}`])
  assert.equal(clock.now(), 1000 + hourMs)
})

test("Who wakes at the same moment wakes in the order of going to sleep, and finishes before the next one", async () => {
  const clock = new SimulatedClock()
  const trace: string[] = []
  const sleeper = async (name: string) => {
    await clock.sleep(5)
    trace.push(`${name} wakes`)
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
    await new Promise<void>((resolve) => process.nextTick(resolve))
    trace.push(`${name} is done`)
  }
  await clock.run(Promise.all(["a", "b", "c"].map(sleeper)))
  assert.deepEqual(trace, ["a wakes", "a is done", "b wakes", "b is done", "c wakes", "c is done"])
})

test("An aborted sleep ends at once, and leaves no trace", async () => {
  const clock = new SimulatedClock()
  const abort = new AbortController()
  const work = async () => {
    const asleep = clock.sleep(hourMs, abort.signal)
    await clock.sleep(1)
    abort.abort()
    await asleep
    await clock.sleep(hourMs, abort.signal)
    return clock.elapsed()
  }
  assert.equal(await clock.run(work()), 1)
  await assert.rejects(clock.run(new Promise(() => undefined)), /Deadlock/)
})

test("An abort after the sleep disturbs nobody", async () => {
  const clock = new SimulatedClock()
  const abort = new AbortController()
  const work = async () => {
    const other = clock.sleep(10)
    await clock.sleep(1, abort.signal)
    abort.abort()
    await other
    return clock.elapsed()
  }
  assert.equal(await clock.run(work()), 10)
})

test("What can never be done is a deadlock, and said to be one", async () => {
  const clock = new SimulatedClock()
  const work = clock.sleep(3).then(() => new Promise(() => undefined))
  await assert.rejects(clock.run(work), /Deadlock at 3 ms/)
})

test("What takes longer than it may is reported", async () => {
  const clock = new SimulatedClock()
  const forever = async () => {
    for (;;) await clock.sleep(10)
  }
  await assert.rejects(clock.run(forever(), 1000), /not done at 1000 ms/)
})

test("Sleeping for no time without end is reported", async () => {
  const clock = new SimulatedClock()
  const abort = new AbortController()
  const forever = async () => {
    while (!abort.signal.aborted) await clock.sleep(0)
  }
  const work = forever()
  await assert.rejects(clock.run(work), /Time stands still/)
  abort.abort()
})

test("A failure of what is waited for is thrown on", async () => {
  const clock = new SimulatedClock()
  const work = clock.sleep(1).then(() => {
    throw new Error("as planned")
  })
  await assert.rejects(clock.run(work), /as planned/)
})

test("The wall clock can be set without disturbing who sleeps", async () => {
  const clock = new SimulatedClock(hourMs)
  const asleep = clock.sleep(10)
  clock.jumpWallClock(-1000)
  await clock.run(asleep)
  assert.equal(clock.elapsed(), 10)
  assert.equal(clock.now(), hourMs - 1000 + 10)
})

test("After the end of a life none of its code runs on", async () => {
  const clock = new SimulatedClock()
  const life = new Life()
  let ranOn = false
  const work = life
    .clock(clock)
    .sleep(10)
    .finally(() => {
      ranOn = true
    })
  const end = clock.sleep(5).then(() => life.end())
  await clock.run(Promise.race([work, life.ended]))
  await clock.run(Promise.all([end, clock.sleep(100)]))
  assert.equal(life.over, true)
  assert.equal(ranOn, false)
})

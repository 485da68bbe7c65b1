import assert from "node:assert/strict"
import { test } from "node:test"
import { SimulatedClock } from "../../platform/simulated/index.ts"
import { type LoadOptions, runLoad } from "./load.ts"

const answer = { status: 200, body: Buffer.alloc(0) }

/** A load on a server that takes `answerMs(n)` for its nth request, counted from 0, or is gone for "gone". */
async function loadOn(answerMs: (number: number) => number | "gone", options: Partial<LoadOptions>) {
  const clock = new SimulatedClock()
  const seen = {
    latenciesMs: [] as number[],
    failures: [] as unknown[],
    opened: 0,
    sent: 0,
    underWay: 0,
    underWayMost: 0,
  }
  const end = await clock.run(
    runLoad(
      {
        connectionCount: 1,
        durationMs: 1000,
        requestsPerSecond: undefined,
        clock,
        interrupted: new AbortController().signal,
        ...options,
      },
      {
        async open(signal) {
          seen.opened++
          let isOpen = true
          return {
            get isOpen() {
              return isOpen
            },
            async exchange() {
              const durationMs = answerMs(seen.sent++)
              seen.underWayMost = Math.max(seen.underWayMost, ++seen.underWay)
              if (durationMs !== "gone") await clock.sleep(durationMs, signal)
              seen.underWay--
              isOpen = durationMs !== "gone" && !signal.aborted
              if (!isOpen) throw new Error("gone")
              return answer
            },
            close() {
              isOpen = false
            },
          }
        },
        nextRequest: async () => Buffer.from("request"),
        onAnswer: (_, latencyMs) => void seen.latenciesMs.push(latencyMs),
        onFailure: (error) => void seen.failures.push(error),
      },
    ),
  )
  return { ...seen, ...end }
}

test("Without a rate each connection sends when it was answered, until the time is over", async () => {
  const { latenciesMs, underWayMost, opened, elapsedMs, unsentCount } = await loadOn(() => 100, { connectionCount: 3 })
  assert.deepEqual(latenciesMs, Array(30).fill(100))
  assert.deepEqual([underWayMost, opened, elapsedMs, unsentCount], [3, 3, 1000, 0])
})

test("With a rate requests are sent when they are due, and not before", async () => {
  const { latenciesMs, sent, elapsedMs } = await loadOn(() => 10, { requestsPerSecond: 5, connectionCount: 4 })
  assert.deepEqual([sent, elapsedMs], [5, 810])
  assert.deepEqual(latenciesMs, [10, 10, 10, 10, 10])
})

test("With a rate a stall shows in every request that was due during it", async () => {
  const { latenciesMs } = await loadOn((number) => (number === 0 ? 500 : 0), { requestsPerSecond: 10 })
  assert.deepEqual(latenciesMs, [500, 400, 300, 200, 100, 0, 0, 0, 0, 0])
})

test("Requests that were due and found no connection are told", async () => {
  const { sent, unsentCount } = await loadOn(() => 250, { requestsPerSecond: 10 })
  assert.deepEqual([sent, unsentCount], [4, 6])
})

test("A connection that ends is replaced, after a pause, and what it failed is told", async () => {
  const { latenciesMs, failures, opened } = await loadOn((number) => (number < 3 ? "gone" : 100), {})
  assert.deepEqual([failures.length, opened], [3, 4])
  assert.deepEqual(latenciesMs, Array(7).fill(100))
})

test("When it is interrupted it ends at once, and what was under way is no failure", async () => {
  const interruption = new AbortController()
  const { sent, failures, latenciesMs } = await loadOn(
    (number) => {
      if (number === 4) interruption.abort()
      return 100
    },
    { interrupted: interruption.signal, connectionCount: 2 },
  )
  assert.deepEqual([sent, failures.length, latenciesMs.length], [5, 0, 3])
})

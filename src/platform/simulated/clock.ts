import assert from "node:assert/strict"
import type { Clock } from "../clock.ts"

interface Sleeper {
  readonly wakeMs: number
  readonly wake: () => void
}

/** Wakes at one and the same moment, after which the program is taken to be in a loop that no time will end. */
const wakesPerMomentMax = 100_000

/**
 * Time that passes only when nothing is left to do: while all wait, it jumps to the moment at which the first of them
 * wants to be woken. Hours pass in a second, and the order of events does not depend on the machine.
 *
 * What runs under it may wait for promises, `process.nextTick`, `setImmediate` and this clock. It must not wait for real
 * timers, files, sockets or threads: nothing here knows of them.
 */
export class SimulatedClock implements Clock {
  /** What the wall clock shows when `elapsed` is 0. */
  #startMs: number
  #elapsedMs = 0
  /** By the moment of waking; those of one moment in the order in which they went to sleep. */
  readonly #sleepers: Sleeper[] = []
  #running = false

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#startMs = startMs
  }

  now(): number {
    return Math.floor(this.#startMs + this.#elapsedMs)
  }

  elapsed(): number {
    return this.#elapsedMs
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const abort = () => {
        this.#sleepers.splice(this.#sleepers.indexOf(sleeper), 1)
        resolve()
      }
      const wake = () => {
        signal?.removeEventListener("abort", abort)
        resolve()
      }
      const sleeper = { wakeMs: this.#elapsedMs + Math.max(0, durationMs), wake }
      signal?.addEventListener("abort", abort, { once: true })
      this.#sleepers.splice(this.#placeOf(sleeper.wakeMs), 0, sleeper)
    })
  }

  /** Sets the wall clock forward or back, as an operator or NTP may. Who sleeps is not woken by it. */
  jumpWallClock(byMs: number): void {
    this.#startMs += byMs
  }

  /**
   * Lets time pass until `work` is settled, and answers or throws what it did.
   *
   * Throws when it can never be settled, because nothing that could settle it sleeps, when it is not settled `withinMs`
   * of virtual time, and when time stands still because sleeps of no length follow each other without end.
   */
  async run<T>(work: Promise<T>, withinMs = Number.POSITIVE_INFINITY): Promise<T> {
    assert(!this.#running, "A simulated clock is run once at a time")
    this.#running = true
    try {
      let settled = false
      const settle = () => {
        settled = true
      }
      work.then(settle, settle)
      const deadlineMs = this.#elapsedMs + withinMs
      let wakes = 0
      for (;;) {
        await nothingLeftToDo()
        if (settled) return await work
        const next = this.#sleepers[0]
        if (next === undefined) {
          throw new Error(`Deadlock at ${this.#elapsedMs} ms: what is waited for is not done, and nothing sleeps`)
        }
        if (next.wakeMs > deadlineMs) {
          throw new Error(`What is waited for is not done at ${deadlineMs} ms, after ${withinMs} ms`)
        }
        wakes = next.wakeMs === this.#elapsedMs ? wakes + 1 : 0
        if (wakes > wakesPerMomentMax) {
          throw new Error(`Time stands still at ${this.#elapsedMs} ms: ${wakes} sleeps ended without any of it passing`)
        }
        this.#sleepers.shift()
        this.#elapsedMs = next.wakeMs
        next.wake()
      }
    } finally {
      this.#running = false
    }
  }

  /** The index of the first sleeper that wakes later than `wakeMs`. */
  #placeOf(wakeMs: number): number {
    let low = 0
    let high = this.#sleepers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = this.#sleepers[middle]
      if (other !== undefined && other.wakeMs <= wakeMs) low = middle + 1
      else high = middle
    }
    return low
  }
}

/**
 * Resolves when every promise that can be settled is, and every `nextTick` and `setImmediate` has run: one turn of the
 * event loop runs all of the first two; the third may ask for further turns, which Node counts.
 */
async function nothingLeftToDo(): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve))
  while (process.getActiveResourcesInfo().includes("Immediate"))
}

import type { Clock } from "../platform/index.ts"

/** Given as the reason, since without one each abort makes an error with a stack, and waits are ended all the time. */
const woken = "woken"

/** Waits that can all be ended early: by a flush, an update, a stop. Who was woken looks again at what has changed. */
export class Wakeup {
  readonly #waits = new Set<AbortController>()
  #count = 0

  /** How often `wake` was called. Take it before looking at what may change, and give it to `wait`. */
  get count(): number {
    return this.#count
  }

  wake() {
    this.#count++
    for (const wait of [...this.#waits]) wait.abort(woken)
  }

  /**
   * Waits until `work` resolves, `durationMs` have passed (if given), or `wake` is called. Returns at once when it was
   * called after `since`: what has changed between looking and waiting is not missed.
   */
  async wait(since: number, clock: Clock, durationMs?: number, work?: (signal: AbortSignal) => Promise<void>) {
    if (since !== this.#count) return
    const wait = new AbortController()
    this.#waits.add(wait)
    const { signal } = wait
    const isWoken = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))
    const waits = [isWoken]
    if (durationMs !== undefined) waits.push(clock.sleep(durationMs, signal))
    if (work !== undefined) waits.push(work(signal))
    try {
      await Promise.race(waits)
    } finally {
      this.#waits.delete(wait)
      // Ends what is left of the race: no timer and no listener stays behind.
      wait.abort(woken)
    }
  }
}

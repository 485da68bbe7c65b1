import type { Clock } from "../platform/index.ts"

/** Given as the reason, since without one each abort makes an error with a stack, and waits are ended all the time. */
const woken = "woken"

/** Waits that can all be ended early: by a flush, an update, a stop. Who was woken looks again at what has changed. */
export class Wakeup {
  readonly #waits = new Set<AbortController>()

  /** Waits until `work` resolves, `durationMs` have passed (if given), or `wake` is called. */
  async wait(clock: Clock, durationMs: number | undefined, work?: (signal: AbortSignal) => Promise<void>) {
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

  wake() {
    for (const wait of [...this.#waits]) wait.abort(woken)
  }
}

/** Time, as the rest of the program sees it. The real one reads the system's; a simulation moves its own. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump when the system's clock is set. */
  now(): number
  /** Milliseconds since some fixed moment, never going back: for measuring how long something took. */
  elapsed(): number
  /** Resolves after `durationMs`, or at once when `signal` is aborted: the caller looks at the signal. Never rejects. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>
}

/** The longest delay that one system timer can hold: 2^31 - 1 ms. A longer one would fire at once. */
const timerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep(durationMs, signal) {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const done = () => {
        clearTimeout(timer)
        signal?.removeEventListener("abort", done)
        resolve()
      }
      const timer = setTimeout(done, Math.min(Math.max(0, durationMs), timerMs))
      signal?.addEventListener("abort", done, { once: true })
    })
  },
}

import { TokenBucket } from "../ingest/index.ts"
import type { Clock } from "../platform/index.ts"

/** How often operations may be called: each by itself, so many times a second (spec/api.md, section 4). */
export class CallRate {
  readonly #callsPerSecondMax: number | undefined
  readonly #clock: Pick<Clock, "elapsed">
  readonly #buckets = new Map<string, TokenBucket>()

  /** Without a limit every call is admitted. */
  constructor(callsPerSecondMax: number | undefined, clock: Pick<Clock, "elapsed">) {
    this.#callsPerSecondMax = callsPerSecondMax
    this.#clock = clock
  }

  /** Whether there is room for one more call now; if there is, it is taken. */
  admit(operationName: string): boolean {
    if (this.#callsPerSecondMax === undefined) return true
    const nowMs = this.#clock.elapsed()
    const bucket = this.#buckets.get(operationName) ?? new TokenBucket(this.#callsPerSecondMax, nowMs)
    this.#buckets.set(operationName, bucket)
    bucket.refill(nowMs)
    if (!bucket.holds(1)) return false
    bucket.take(1)
    return true
  }
}

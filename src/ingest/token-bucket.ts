/**
 * Holds up to one second's worth of tokens, and is refilled continuously. Full when it is made. Of whatever is taken over any
 * time t, the sum is at most what the bucket holds and what flows in during t.
 */
export class TokenBucket {
  /** Tokens that flow in each second, and the most that it holds. Infinity for one that is never empty. */
  readonly ratePerSecond: number
  #tokens: number
  #refilledMs: number

  /** `nowMs` here and below: on a clock that should not go back. */
  constructor(ratePerSecond: number, nowMs: number) {
    this.ratePerSecond = ratePerSecond
    this.#tokens = ratePerSecond
    this.#refilledMs = nowMs
  }

  get isFull(): boolean {
    return this.#tokens === this.ratePerSecond
  }

  /** Adds what has flowed in since the last time. A clock that went back adds nothing, and counts on from where it is now. */
  refill(nowMs: number): void {
    const passedMs = nowMs - this.#refilledMs
    this.#refilledMs = nowMs
    if (passedMs <= 0) return
    this.#tokens = Math.min(this.ratePerSecond, this.#tokens + (this.ratePerSecond * passedMs) / 1000)
  }

  holds(amount: number): boolean {
    return amount <= this.#tokens
  }

  /** Taking more than it holds leaves a debt, which is paid before it holds anything again. */
  take(amount: number): void {
    this.#tokens -= amount
  }
}

import type { Logger } from "../observe/index.ts"
import type { Clock } from "../platform/index.ts"

const quietMs = 1000

/**
 * Tells the operator that puts are refused, and why. Refusals come by the thousand, just when the machine is at its
 * limit: so one line a second at most, with how many it stands for.
 */
export class RefusalLog {
  readonly #clock: Clock
  readonly #logger: Logger
  #quietUntilMs = Number.NEGATIVE_INFINITY
  #unreported = 0

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  /** `streamName` is undefined when what is refused was not looked at. */
  report(streamName: string | undefined, reason: string): void {
    this.#unreported++
    const nowMs = this.#clock.elapsed()
    if (nowMs < this.#quietUntilMs) return
    this.#logger.warn(
      { stream: streamName, reason, refusedPuts: this.#unreported },
      "Refused to store records; clients will retry",
    )
    this.#unreported = 0
    this.#quietUntilMs = nowMs + quietMs
  }
}

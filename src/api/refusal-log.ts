import { type Logger, occasionalWarning } from "../observe/index.ts"
import type { Clock } from "../platform/index.ts"

/** Tells the operator that puts are refused, and why. */
export class RefusalLog {
  readonly #warn: (fields: object) => void

  constructor(clock: Clock, logger: Logger) {
    const message = "Refused to store records; clients will retry"
    this.#warn = occasionalWarning({ clock, logger }, { message, countName: "refusedPuts" })
  }

  /** `streamName` is undefined when what is refused was not looked at. */
  report(streamName: string | undefined, reason: string): void {
    this.#warn({ stream: streamName, reason })
  }
}

import type { Clock } from "../platform/index.ts"
import type { Logger } from "./logger.ts"

const quietMs = 1000

/**
 * Makes what warns of something that comes by the thousand, just when the machine is at its limit: one line a second at
 * most, whose field `countName` says for how many it stands.
 */
export function occasionalWarning(
  { clock, logger }: { readonly clock: Clock; readonly logger: Pick<Logger, "warn"> },
  { message, countName }: { readonly message: string; readonly countName: string },
): (fields: object) => void {
  let quietUntilMs = Number.NEGATIVE_INFINITY
  let unreported = 0
  return (fields) => {
    unreported++
    const nowMs = clock.elapsed()
    if (nowMs < quietUntilMs) return
    logger.warn({ ...fields, [countName]: unreported }, message)
    unreported = 0
    quietUntilMs = nowMs + quietMs
  }
}

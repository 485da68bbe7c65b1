import type { Buffering } from "../destinations/index.ts"
import type { PartitionDeliveryOptions } from "./partition-options.ts"

/** What an interval of 0 means: "within a few seconds" (spec/buffering.md, section 3). */
const zeroBufferingMs = 1000

/** When a loop's buffers close, by its destination as it is now. */
export function bufferingOf({
  limits,
  openDestination,
  route,
}: Pick<PartitionDeliveryOptions, "limits" | "openDestination" | "route">): Buffering {
  const { bufferBytesMax, intervalMs } = openDestination(route.destination()).buffering
  const wantedMs = intervalMs === 0 ? zeroBufferingMs : intervalMs
  return { bufferBytesMax, intervalMs: Math.min(wantedMs, limits.intervalMsMax ?? wantedMs) }
}

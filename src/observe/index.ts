/** Metrics, logs, and the delivery error log. */

export type { Logger } from "./logger.ts"
export type { CounterName, GaugeName, LatencyName, Metrics } from "./metrics.ts"

/** Metrics, logs, and the delivery error log. */
export { createLogger, type LoggerOptions } from "./create-logger.ts"
export { createErrorLog, type ErrorLog, type ErrorLogEntry, type ErrorLogOptions } from "./error-log.ts"
export type { Logger } from "./logger.ts"
export type { CounterName, GaugeName, LatencyName, Metrics } from "./metrics.ts"
export { createMetricsRelay, type GaugeValue, type MetricsDelta, type MetricsRelay } from "./metrics-relay.ts"
export { occasionalWarning } from "./occasional-warning.ts"
export { createMetrics, type ServerMetrics } from "./prometheus.ts"
export { relayLine } from "./relay-line.ts"

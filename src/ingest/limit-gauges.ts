import type { GaugeName, Metrics } from "../observe/index.ts"
import type { QuotaLimits } from "./quota-limits.ts"

/** Shows what a stream takes at most in its metrics, for alarms that compare what comes in with it. */
export function showQuotaLimits(metrics: Pick<Metrics, "gauge">, streamName: string, limits: QuotaLimits): void {
  const { bytesPerSecond, recordsPerSecond, requestsPerSecond } = limits
  const show = (name: GaugeName, limit: number | undefined) => {
    if (limit !== undefined) metrics.gauge(name, streamName, () => limit)
  }
  show("BytesPerSecondLimit", bytesPerSecond)
  show("RecordsPerSecondLimit", recordsPerSecond)
  show("PutRequestsPerSecondLimit", requestsPerSecond)
}

import { countLatency, type LatencyCounts, noLatencies } from "./latency-histogram.ts"
import type { CounterName, EventName, LatencyName, Metrics } from "./metrics.ts"

/** What one process of a server has counted since it told last. */
export interface MetricsDelta {
  readonly totals: readonly { readonly name: CounterName; readonly streamName: string; readonly amount: number }[]
  readonly events: readonly { readonly name: EventName; readonly count: number }[]
  readonly latencies: readonly { readonly name: LatencyName; readonly counts: LatencyCounts }[]
}

/** Counts in a process that nobody asks for its metrics, until they are taken to the one that is asked. */
export interface MetricsRelay extends Pick<Metrics, "add" | "event" | "latency"> {
  /** What was counted since the last time; undefined when that is nothing. */
  take(): MetricsDelta | undefined
}

export function createMetricsRelay(): MetricsRelay {
  let totals = new Map<string, Map<CounterName, number>>()
  let events = new Map<EventName, number>()
  let latencies = new Map<LatencyName, LatencyCounts>()
  return {
    add(name, streamName, amount) {
      const ofStream = totals.get(streamName) ?? new Map<CounterName, number>()
      totals.set(streamName, ofStream)
      ofStream.set(name, (ofStream.get(name) ?? 0) + amount)
    },
    event(name) {
      events.set(name, (events.get(name) ?? 0) + 1)
    },
    latency(name, durationMs) {
      const counts = latencies.get(name) ?? noLatencies()
      latencies.set(name, counts)
      countLatency(counts, durationMs)
    },
    take() {
      if (totals.size === 0 && events.size === 0 && latencies.size === 0) return undefined
      const delta = {
        totals: [...totals].flatMap(([streamName, amounts]) =>
          [...amounts].map(([name, amount]) => ({ name, streamName, amount })),
        ),
        events: [...events].map(([name, count]) => ({ name, count })),
        latencies: [...latencies].map(([name, counts]) => ({ name, counts })),
      }
      totals = new Map()
      events = new Map()
      latencies = new Map()
      return delta
    },
  }
}

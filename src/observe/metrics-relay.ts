import { countLatency, type LatencyCounts, noLatencies } from "./latency-histogram.ts"
import type { CounterName, EventName, GaugeName, LatencyName, Metrics } from "./metrics.ts"

/** What one process or thread of a server has counted since it told last. */
export interface MetricsDelta {
  readonly totals: readonly { readonly name: CounterName; readonly streamName: string; readonly amount: number }[]
  readonly events: readonly { readonly name: EventName; readonly count: number }[]
  readonly latencies: readonly { readonly name: LatencyName; readonly counts: LatencyCounts }[]
}

/** What a gauge of a stream says. */
export interface GaugeValue {
  readonly name: GaugeName
  readonly streamName: string
  readonly value: number
}

/** Counts where nobody asks for metrics, until they are taken to the process and thread that is asked. */
export interface MetricsRelay extends Omit<Metrics, "expose"> {
  /** What was counted since the last time; undefined when that is nothing. */
  take(): MetricsDelta | undefined
  /** What all gauges say now. */
  gauges(): readonly GaugeValue[]
}

export function createMetricsRelay(): MetricsRelay {
  let totals = new Map<string, Map<CounterName, number>>()
  let events = new Map<EventName, number>()
  let latencies = new Map<LatencyName, LatencyCounts>()
  const gaugesOfStreams = new Map<string, Map<GaugeName, () => number | undefined>>()
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
    gauge(name, streamName, read) {
      const ofStream = gaugesOfStreams.get(streamName) ?? new Map<GaugeName, () => number | undefined>()
      gaugesOfStreams.set(streamName, ofStream)
      ofStream.set(name, read)
    },
    forget(streamName) {
      totals.delete(streamName)
      gaugesOfStreams.delete(streamName)
    },
    gauges() {
      const values: GaugeValue[] = []
      for (const [streamName, ofStream] of gaugesOfStreams) {
        for (const [name, read] of ofStream) {
          const value = read()
          if (value !== undefined) values.push({ name, streamName, value })
        }
      }
      return values
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

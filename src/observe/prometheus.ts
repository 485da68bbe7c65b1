import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import { counters, type GaugeName, gauges, latencies, type Metrics } from "./metrics.ts"

/** The metrics of one process, which can also be asked what a gauge says right now. */
export interface ProcessMetrics extends Metrics {
  /** What a gauge of a stream says now; undefined when it is not registered or has nothing to tell. */
  current(name: GaugeName, streamName: string): number | undefined
}

/**
 * Upper bounds in seconds. A put lasts about as long as one disk sync: tens of microseconds on a good SSD, some
 * milliseconds on a cloud volume, seconds on a disk that is failing.
 */
const latencyBucketsS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A running total. A cell is changed in place, so that counting neither allocates nor hashes labels. */
interface Total {
  value: number
}

/**
 * Metrics in their own registry, for Prometheus to scrape: those of metrics.ts, and what prom-client tells of the process
 * (resident memory, CPU, event loop lag, garbage collection).
 *
 * Totals are kept here and handed to prom-client at a scrape: its own counters build a label key at each increment. All
 * counters of a stream begin at 0 together: a counter that first appears at 1 hides its first increment from `rate()`.
 */
export function createMetrics(): ProcessMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })

  const totalsOfStreams = new Map<string, Map<string, Total>>()
  const gaugesOfStreams = new Map<string, Map<string, () => number | undefined>>()
  const latencyOf = new Map<string, Histogram>()

  for (const [name, help] of Object.entries(counters)) {
    new Counter({
      name: `${prometheusName(name)}_total`,
      help,
      labelNames: ["delivery_stream"],
      registers: [registry],
      collect() {
        this.reset()
        for (const [streamName, totals] of totalsOfStreams) {
          this.inc({ delivery_stream: streamName }, totals.get(name)?.value ?? 0)
        }
      },
    })
  }
  for (const [name, help] of Object.entries(gauges)) {
    new Gauge({
      name: prometheusName(name),
      help,
      labelNames: ["delivery_stream"],
      registers: [registry],
      collect() {
        this.reset()
        for (const [streamName, readers] of gaugesOfStreams) {
          const value = readers.get(name)?.()
          if (value !== undefined) this.set({ delivery_stream: streamName }, value)
        }
      },
    })
  }
  for (const [name, help] of Object.entries(latencies)) {
    const histogramName = `${prometheusName(name)}_seconds`
    latencyOf.set(name, new Histogram({ name: histogramName, help, buckets: latencyBucketsS, registers: [registry] }))
  }

  function begin(streamName: string): Map<string, Total> {
    const totals = new Map(Object.keys(counters).map((name) => [name, { value: 0 }]))
    totalsOfStreams.set(streamName, totals)
    return totals
  }

  return {
    add(name, streamName, amount) {
      const total = (totalsOfStreams.get(streamName) ?? begin(streamName)).get(name)
      if (total !== undefined) total.value += amount
    },
    latency(name, durationMs) {
      latencyOf.get(name)?.observe(durationMs / 1000)
    },
    gauge(name, streamName, read) {
      const readers = gaugesOfStreams.get(streamName)
      if (readers === undefined) gaugesOfStreams.set(streamName, new Map([[name, read]]))
      else readers.set(name, read)
    },
    current: (name, streamName) => gaugesOfStreams.get(streamName)?.get(name)?.(),
    forget(streamName) {
      totalsOfStreams.delete(streamName)
      gaugesOfStreams.delete(streamName)
    },
    async expose() {
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

/**
 * The sheet's name as Prometheus writes names: `DeliveryToS3.Bytes` becomes `hydrant_delivery_to_s3_bytes`, and
 * `Hydrant.LogBytes`, which begins with the program's name already, `hydrant_log_bytes`.
 */
export function prometheusName(name: string): string {
  const words = name
    .replaceAll(".", "_")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
  return words.startsWith("hydrant_") ? words : `hydrant_${words}`
}

import { setImmediate as turn } from "node:timers/promises"
import { addLatencies, countLatency, exposeLatencies, noLatencies } from "./latency-histogram.ts"
import { counters, events, type GaugeName, gauges, latencies, type Metrics } from "./metrics.ts"
import type { GaugeValue, MetricsDelta } from "./metrics-relay.ts"

/** The metrics of a server, with what other processes and threads of it count. */
export interface ServerMetrics extends Metrics {
  /** What all gauges say now. */
  gauges(): Promise<GaugeReading>
  /** Adds what another process or thread counted. */
  merge(delta: MetricsDelta): void
}

export interface GaugeReading {
  /** Undefined when the gauge is not registered or has nothing to tell. */
  of(name: GaugeName, streamName: string): number | undefined
}

/** Gauges that are not read here, but in another thread. */
export type GaugesElsewhere = () => Promise<readonly GaugeValue[]>

/** A running total. A cell is changed in place, so that counting neither allocates nor hashes labels. */
interface Total {
  value: number
}

/**
 * Metrics for Prometheus to scrape: those of metrics.ts, and what prom-client tells of the process (resident memory, CPU,
 * event loop lag, garbage collection).
 *
 * Totals are kept and written here: prom-client's own counters build a label key at each increment, and again at a scrape,
 * which stopped all puts for 100 ms with 1,000 streams. Now a scrape gives way after each name. All counters of a stream begin at 0 together: a counter that first appears at 1 hides its first increment from `rate()`.
 */
export function createMetrics(gaugesElsewhere: GaugesElsewhere = async () => []): ServerMetrics {
  const ofProcess = processRegistry()

  const totalsOfStreams = new Map<string, Map<string, Total>>()
  const gaugesOfStreams = new Map<string, Map<string, () => number | undefined>>()
  const eventCounts = new Map(Object.keys(events).map((name) => [name, { value: 0 }]))
  const latencyOf = new Map(Object.keys(latencies).map((name) => [name, noLatencies()]))

  function begin(streamName: string): Map<string, Total> {
    const totals = new Map(Object.keys(counters).map((name) => [name, { value: 0 }]))
    totalsOfStreams.set(streamName, totals)
    return totals
  }

  function add(name: string, streamName: string, amount: number) {
    const total = (totalsOfStreams.get(streamName) ?? begin(streamName)).get(name)
    if (total !== undefined) total.value += amount
  }

  function addEvents(name: string, count: number) {
    const total = eventCounts.get(name)
    if (total !== undefined) total.value += count
  }

  function* totalsOf(name: string): Iterable<[string, number]> {
    for (const [streamName, totals] of totalsOfStreams) yield [streamName, totals.get(name)?.value ?? 0]
  }

  function* gaugesOf(name: string, elsewhere: readonly GaugeValue[]): Iterable<[string, number]> {
    for (const [streamName, readers] of gaugesOfStreams) {
      const value = readers.get(name)?.()
      if (value !== undefined) yield [streamName, value]
    }
    for (const { streamName, value } of elsewhere.filter((one) => one.name === name)) yield [streamName, value]
  }

  return {
    add,
    event: (name) => addEvents(name, 1),
    latency(name, durationMs) {
      const counts = latencyOf.get(name)
      if (counts !== undefined) countLatency(counts, durationMs)
    },
    merge({ totals, events: happened, latencies: counted }) {
      for (const { name, streamName, amount } of totals) add(name, streamName, amount)
      for (const { name, count } of happened) addEvents(name, count)
      for (const { name, counts } of counted) {
        const own = latencyOf.get(name)
        if (own !== undefined) addLatencies(own, counts)
      }
    },
    gauge(name, streamName, read) {
      const readers = gaugesOfStreams.get(streamName)
      if (readers === undefined) gaugesOfStreams.set(streamName, new Map([[name, read]]))
      else readers.set(name, read)
    },
    async gauges() {
      const keyOf = (name: string, streamName: string) => `${name} ${streamName}`
      const elsewhere = new Map(
        (await gaugesElsewhere()).map(({ name, streamName, value }) => [keyOf(name, streamName), value]),
      )
      return {
        of: (name, streamName) =>
          gaugesOfStreams.get(streamName)?.get(name)?.() ?? elsewhere.get(keyOf(name, streamName)),
      }
    },
    forget(streamName) {
      totalsOfStreams.delete(streamName)
      gaugesOfStreams.delete(streamName)
    },
    async expose() {
      // First: what is counted there comes before the answer.
      const elsewhere = await gaugesElsewhere()
      const registry = await ofProcess
      const texts = [await registry.metrics()]
      for (const [name, help] of Object.entries(counters)) {
        texts.push(exposeStreams(`${prometheusName(name)}_total`, help, "counter", totalsOf(name)))
        await turn()
      }
      for (const [name, help] of Object.entries(gauges)) {
        texts.push(exposeStreams(prometheusName(name), help, "gauge", gaugesOf(name, elsewhere)))
        await turn()
      }
      for (const [name, help] of Object.entries(events)) {
        const exposed = `${prometheusName(name)}_total`
        texts.push(`${heading(exposed, help, "counter")}${exposed} ${eventCounts.get(name)?.value ?? 0}\n`)
      }
      for (const [name, help] of Object.entries(latencies)) {
        texts.push(exposeLatencies(`${prometheusName(name)}_seconds`, help, latencyOf.get(name) ?? noLatencies()))
      }
      return { contentType: registry.contentType, text: texts.join("\n") }
    },
  }
}

/** What prom-client tells of the process. It is loaded beside the rest of a start, and not in threads that have no metrics of their own. */
async function processRegistry() {
  const { collectDefaultMetrics, Registry } = await import("prom-client")
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

/** One metric of all streams in Prometheus' text format. Streams' names hold nothing that it would have escaped. */
function exposeStreams(
  name: string,
  help: string,
  type: "counter" | "gauge",
  values: Iterable<[string, number]>,
): string {
  let text = heading(name, help, type)
  for (const [streamName, value] of values) text += `${name}{delivery_stream="${streamName}"} ${value}\n`
  return text
}

function heading(name: string, help: string, type: "counter" | "gauge"): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
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

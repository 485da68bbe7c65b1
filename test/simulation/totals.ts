import type { CounterName, GaugeName, Metrics } from "../../src/observe/index.ts"

/** Metrics that a test can read, over all streams. */
export class Totals implements Metrics {
  readonly #counters = new Map<CounterName, number>()
  readonly #gauges = new Map<string, () => number | undefined>()

  of(name: CounterName): number {
    return this.#counters.get(name) ?? 0
  }

  current(name: GaugeName, streamName: string): number | undefined {
    return this.#gauges.get(`${name} ${streamName}`)?.()
  }

  add(name: CounterName, _streamName: string, amount: number): void {
    this.#counters.set(name, this.of(name) + amount)
  }

  event(): void {
    // Nothing here comes over connections.
  }

  latency(): void {
    // How long anything took is not looked at here.
  }

  gauge(name: GaugeName, streamName: string, read: () => number | undefined): void {
    this.#gauges.set(`${name} ${streamName}`, read)
  }

  forget(streamName: string): void {
    for (const key of [...this.#gauges.keys()]) if (key.endsWith(` ${streamName}`)) this.#gauges.delete(key)
  }

  expose(): Promise<{ contentType: string; text: string }> {
    return Promise.resolve({ contentType: "text/plain", text: "" })
  }
}

import { formatCount, formatCounted } from "../quantities.ts"
import { Latencies } from "./latencies.ts"
import { formatMs } from "./report.ts"
import type { Tally } from "./tally.ts"

const windowMs = 1000

/** What a load does right now, for the line that is shown meanwhile: figures of the last whole second, errors of all of it. */
export class RecentLoad {
  readonly #tally: Tally
  readonly #startMs: number
  #beganMs: number
  #begun = { requestCount: 0, storedRecords: 0 }
  #latencies = new Latencies()
  #shown = "no answer yet"

  constructor(tally: Tally, startMs: number) {
    this.#tally = tally
    this.#startMs = startMs
    this.#beganMs = startMs
  }

  add(latencyMs: number): void {
    this.#latencies.add(latencyMs)
  }

  /** The line. Asked some times a second, whatever comes in. */
  show(nowMs: number): string {
    if (nowMs - this.#beganMs >= windowMs) this.#endWindow(nowMs)
    const { refusals, refusedRecords } = this.#tally
    const seconds = `${((nowMs - this.#startMs) / 1000).toFixed(0)} s`
    const trouble = refusals.size === 0 ? "" : `  ${formatCounted(refusedRecords, "record")} not stored`
    return `${seconds}  ${this.#shown}${trouble}`
  }

  #endWindow(nowMs: number) {
    const { requestCount, storedRecords } = this.#tally
    const perSecond = (amount: number) => formatCount((amount / (nowMs - this.#beganMs)) * 1000)
    const requests = `${perSecond(requestCount - this.#begun.requestCount)} requests/s`
    const records = `${perSecond(storedRecords - this.#begun.storedRecords)} records/s`
    const [p50, p99] = [0.5, 0.99].map((fraction) => this.#latencies.quantileMs(fraction))
    const latency = p50 === undefined || p99 === undefined ? "" : `  p50 ${formatMs(p50)} ms  p99 ${formatMs(p99)} ms`
    this.#shown = `${requests}  ${records}${latency}`
    this.#beganMs = nowMs
    this.#begun = { requestCount, storedRecords }
    this.#latencies = new Latencies()
  }
}

import { asPosition, type MeasuredFrame, type PartitionReader, type Position } from "../log/index.ts"
import type { Clock } from "../platform/index.ts"

/**
 * The stretch of the log that can't be read, where a loop has come to: it becomes no batch, so no failed attempt drops it.
 * When its records arrived is not known. They are too old when a record behind them is, or when nothing could be read of
 * them for as long as records are kept.
 */
export class UnreadableStretch {
  readonly #log: PartitionReader
  readonly #clock: Clock
  #found: { readonly from: Position; readonly end: Position; readonly sinceMs: number } | undefined

  constructor(log: PartitionReader, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  /**
   * After something failed at `from`: the position before which everything is older than `retentionMs`; undefined when
   * nothing is, or when there is no such stretch.
   */
  async expiredThrough(from: Position, retentionMs: number): Promise<Position | undefined> {
    if ((await this.#frameAt(from)) !== undefined) return undefined
    const sinceMs = this.#clock.elapsed()
    if (this.#found?.from !== from) this.#found = { from, end: this.#log.end, sinceMs }
    const next = await this.#firstReadable(from)
    if (next !== undefined && this.#clock.now() - next.arrivalMs > retentionMs) return next.position
    // A restart begins this anew; but then what is put behind it tells the time, too.
    return sinceMs - this.#found.sinceMs > retentionMs ? this.#found.end : undefined
  }

  /** The first frame that can be read, if what can't be is in one piece; else one behind a part of it. */
  async #firstReadable(from: Position): Promise<MeasuredFrame | undefined> {
    let first: MeasuredFrame | undefined
    for (let unreadable: number = from, readable: number = this.#log.end; readable - unreadable > 1; ) {
      const middle = Math.floor((unreadable + readable) / 2)
      const frame = await this.#frameAt(asPosition(middle))
      if (frame === undefined) unreadable = middle
      else readable = middle
      first = frame ?? first
    }
    return first
  }

  /** What is at a position, or behind damage there; undefined when that can't be read. Why not was told by the failure before. */
  async #frameAt(position: Position): Promise<MeasuredFrame | undefined> {
    const measured = await this.#log.measure(position, 1).catch(() => undefined)
    return measured?.frames[0]
  }
}

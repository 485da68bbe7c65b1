import type { Buffering } from "../destinations/index.ts"
import { asPosition, type Damage, type Measurement, type PartitionReader, type Position } from "../log/index.ts"
import type { Clock } from "../platform/index.ts"
import { addFrame, type Measured } from "./buffer.ts"
import { MeasuredLog } from "./measured-log.ts"
import type { Wakeup } from "./wakeup.ts"

/** No record is larger (spec/ingest.md, limits of a put): as long as those that came since can't fill a range, they need not be measured. */
const recordBytesMax = 1024 * 1000
/** How often a range that is neither full nor due looks whether enough has come to fill it, within a hundredth of its interval. */
const lookMs = { min: 50, max: 1000 }

export interface RangeFillerOptions {
  readonly clock: Clock
  readonly log: PartitionReader
  readonly wakeup: Wakeup
  /** When a range is closed: asked again and again, as it may be updated. */
  readonly buffering: () => Buffering & { readonly recordCountMax?: number }
  readonly isStopping: () => boolean
  readonly onDamage: (damage: Damage) => void
  /** Told when there is nothing but damage before `next`: it is in no range. */
  readonly onSkip: (next: Position) => void
}

/** Cuts a partition's log into ranges: each closes by size or by age. It measures the log, and holds nothing of it. */
export class RangeFiller {
  readonly #options: RangeFillerOptions
  readonly #measured: MeasuredLog
  /** Ranges with records before this close as soon as they can. */
  #flushThrough: Position = asPosition(0)
  /** Damage before this was told already: a range that closed before it makes the next one meet it again. */
  #damageToldThrough: Position = asPosition(0)
  #openSinceMs: number | undefined

  constructor(options: RangeFillerOptions) {
    this.#options = options
    this.#measured = new MeasuredLog(options.log)
  }

  /** Arrival of the oldest record in the range that is open. */
  get openSinceMs(): number | undefined {
    return this.#openSinceMs
  }

  /** The range that was filled last is dealt with. */
  close() {
    this.#openSinceMs = undefined
  }

  /** Has ranges with records before `position` close as soon as they can. The wakeup is to be woken after it. */
  flushThrough(position: Position) {
    this.#flushThrough = asPosition(Math.max(this.#flushThrough, position))
  }

  /** Measures the records from `from` on until their range closes; undefined when the loop is to stop. */
  async fill(from: Position): Promise<Measured | undefined> {
    const { clock, isStopping, log, wakeup } = this.#options
    let range: Measured | undefined
    let openedMs = clock.elapsed()
    let next = from
    this.#openSinceMs = undefined
    for (let since = wakeup.count; !isStopping(); since = wakeup.count) {
      const { bufferBytesMax, intervalMs, recordCountMax = Number.POSITIVE_INFINITY } = this.#options.buffering()
      // By whichever clock more time has passed: the wall clock may have been set back.
      const sinceMs = range?.oldestArrivalMs ?? clock.now()
      const waitMs = Math.ceil(intervalMs - Math.max(clock.now() - sinceMs, clock.elapsed() - openedMs))
      const isDue = range !== undefined && (waitMs <= 0 || range.from < this.#flushThrough)
      const comeCount = log.end - next
      const mayBeFull =
        comeCount * recordBytesMax >= bufferBytesMax - (range?.sizeBytes ?? 0) ||
        comeCount + (range?.recordCount ?? 0) >= recordCountMax
      if (range !== undefined && !isDue && !mayBeFull) {
        await wakeup.wait(since, clock, Math.min(waitMs, lookAgainMs(intervalMs)))
        continue
      }
      let result: Measurement
      try {
        result = await this.#measured.from(next, bufferBytesMax - (range?.sizeBytes ?? 0))
      } catch (error) {
        // What comes before something that can't be read does not wait for it.
        if (range !== undefined && isDue) return range
        throw error
      }
      for (const damage of result.damage) this.#tellNewDamage(damage)
      for (const frame of result.frames) {
        if (range === undefined) openedMs = clock.elapsed()
        range = addFrame(range, await this.#measured.cut(frame, bufferBytesMax - (range?.sizeBytes ?? 0)))
        this.#openSinceMs = range.oldestArrivalMs
        if (range.sizeBytes >= bufferBytesMax || range.recordCount >= recordCountMax) return range
      }
      if (result.next > next) {
        next = result.next
        if (range === undefined) this.#options.onSkip(next)
        continue
      }
      if (range === undefined) {
        await wakeup.wait(since, clock, undefined, (signal) => log.waitBeyond(next, signal))
        continue
      }
      if (isDue) return range
    }
    return undefined
  }

  #tellNewDamage(damage: Damage) {
    if (damage.to <= this.#damageToldThrough) return
    this.#damageToldThrough = damage.to
    this.#options.onDamage(damage)
  }
}

function lookAgainMs(intervalMs: number): number {
  return Math.min(lookMs.max, Math.max(lookMs.min, intervalMs / 100))
}

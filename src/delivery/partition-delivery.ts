import { AssertionError } from "node:assert"
import { KeyUnavailableError, type Position } from "../log/index.ts"
import { aborted } from "./aborted.ts"
import { backoffMs } from "./backoff.ts"
import { BatchDelivery } from "./batch-delivery.ts"
import { type BatchRecords, readRange } from "./batch-records.ts"
import { asBuffered } from "./buffer.ts"
import { bufferingOf } from "./buffering.ts"
import { type Checkpoint, deliveredThrough } from "./checkpoint.ts"
import type { PartitionDeliveryOptions, PartitionLoop } from "./partition-options.ts"
import { RangeFiller } from "./range-filler.ts"
import { reportDamage, reportExpired, reportWaiting } from "./report.ts"
import { UnreadableStretch } from "./unreadable.ts"
import { Wakeup } from "./wakeup.ts"

/** Batches of one partition that may be under way at a time. More would not help one store, and cost memory. */
const inFlightMax = 4

export interface DirectDeliveryOptions extends PartitionDeliveryOptions {
  /** Delivers what is decided, and takes nothing new. */
  readonly drainOnly: boolean
  /** What is delivered by this checkpoint, which is durable, is not needed any more. */
  readonly trim: (durable: Checkpoint) => Promise<void>
}

/**
 * The delivery loop of one partition: read, buffer, decide, deliver, confirm.
 *
 * A buffer is a range of the log that closes by size or by age. Closing it decides its object, durably; only then is it
 * delivered, and repeated until it is, while the loop goes on with the next buffer.
 */
export class PartitionDelivery implements PartitionLoop {
  readonly #options: DirectDeliveryOptions
  /** Wakes the waits for records, time and a next attempt. */
  readonly #wakeup = new Wakeup()
  readonly #batches: BatchDelivery
  readonly #filler: RangeFiller
  readonly #unreadable: UnreadableStretch
  readonly #loop: Promise<void>
  #stopping = false
  /** Starts the loop. */
  constructor(options: DirectDeliveryOptions) {
    this.#options = options
    const { checkpoint, clock, log, recoveredEnd } = options
    // Positions before it were used by earlier lives.
    const usedThrough = checkpoint.current.next
    const records: BatchRecords = {
      read: (decided) => readRange(log, decided),
      // Not what the log lost at its end before this life: a failed sync may have shown it to an earlier one, and nobody was
      // promised it.
      acknowledged: (damage) => damage.filter(({ from }) => from < recoveredEnd || from >= usedThrough),
      // As the file says: a later life must find what its checkpoint sends it to.
      letGo: options.trim,
    }
    this.#batches = new BatchDelivery({ ...options, records, inFlightMax }, this.#wakeup)
    this.#filler = new RangeFiller({
      clock,
      log,
      wakeup: this.#wakeup,
      buffering: () => bufferingOf(options),
      isStopping: () => this.#stopping,
      onDamage: (damage) => reportDamage(options, [damage], damage.to - damage.from),
      onSkip: (next) => {
        checkpoint.skipTo(next)
        this.#batches.confirmed.wake()
      },
    })
    this.#unreadable = new UnreadableStretch(options.log, options.clock)
    this.#loop = this.#run()
  }

  /** The position before which everything is delivered. */
  get deliveredThrough(): Position {
    return deliveredThrough(this.#options.checkpoint.current)
  }

  get backlogRecords(): number {
    const { checkpoint, drainOnly, log } = this.#options
    if (!drainOnly) return log.end - this.deliveredThrough
    return checkpoint.current.decided.reduce((sum, { recordCount }) => sum + recordCount, 0)
  }

  get oldestArrivalMs(): number | undefined {
    return this.#options.checkpoint.current.decided[0]?.oldestArrivalMs ?? this.#filler.openSinceMs
  }

  async flush(signal: AbortSignal): Promise<boolean> {
    const { checkpoint, drainOnly, log } = this.#options
    const target = drainOnly ? checkpoint.current.next : await Promise.race([log.endNow(), aborted(signal)])
    // Its writer does not say where it ends: it may be another process, which hangs or is started again.
    if (target === undefined) return false
    this.#filler.flushThrough(target)
    const { confirmed } = this.#batches
    const wake = () => confirmed.wake()
    signal.addEventListener("abort", wake, { once: true })
    this.look()
    while (this.deliveredThrough < target && !signal.aborted && !this.#stopping) {
      await confirmed.wait(confirmed.count, this.#options.clock)
    }
    signal.removeEventListener("abort", wake)
    return this.deliveredThrough >= target
  }

  look() {
    this.#wakeup.wake()
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true
    await this.#batches.stop(this.#loop, graceMs)
  }

  async #run() {
    const { checkpoint } = this.#options
    await this.#batches.resume()
    if (this.#options.drainOnly) return
    for (let failedTimes = 0; !this.#stopping; ) {
      const since = this.#wakeup.count
      try {
        const range = await this.#filler.fill(checkpoint.current.next)
        if (range === undefined) return
        await this.#batches.room(range.sizeBytes >= bufferingOf(this.#options).bufferBytesMax)
        if (this.#stopping) return
        this.#filler.close()
        this.#batches.decide(asBuffered(range))
        failedTimes = 0
      } catch (error) {
        failedTimes++
        if (error instanceof AssertionError) {
          this.#options.logger.fatal({ err: error }, "Delivery of this stream stopped: a rule of our own was broken")
          return
        }
        const waitMs = backoffMs(failedTimes, this.#options.random)
        this.#options.logger.error({ err: error, waitMs }, "Delivery cannot go on; it will be tried again")
        if (error instanceof KeyUnavailableError) reportWaiting(this.#options, error)
        if (await this.#expire()) continue
        await this.#wakeup.wait(since, this.#options.clock, waitMs)
      }
    }
  }

  /** Drops what can't be read for as long as records are kept: nothing else would, since it becomes no batch. */
  async #expire(): Promise<boolean> {
    const { checkpoint, limits } = this.#options
    const from = checkpoint.current.next
    const to = await this.#unreadable.expiredThrough(from, limits.retentionMs)
    if (to === undefined) return false
    reportExpired(this.#options, { from, to, recordCount: to - from })
    checkpoint.skipTo(to)
    await this.#batches.saveAndTrim()
    this.#batches.confirmed.wake()
    return true
  }
}

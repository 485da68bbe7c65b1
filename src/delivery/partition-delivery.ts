import { AssertionError } from "node:assert"
import { asPosition, type Damage, KeyUnavailableError, type Measurement, type Position } from "../log/index.ts"
import { backoffMs } from "./backoff.ts"
import { BatchDelivery } from "./batch-delivery.ts"
import { addFrame, type Buffered } from "./buffer.ts"
import { deliveredThrough } from "./checkpoint.ts"
import { MeasuredLog } from "./measured-log.ts"
import type { PartitionDeliveryOptions } from "./partition-options.ts"
import { reportDamage, reportExpired, reportKeyProblem } from "./report.ts"
import { UnreadableStretch } from "./unreadable.ts"
import { Wakeup } from "./wakeup.ts"

/** What an interval of 0 means: "within a few seconds" (spec/buffering.md, section 3). */
const zeroBufferingMs = 1000
/** No record is larger (spec/ingest.md, limits of a put): as long as those that came since can't fill a buffer, they need not be measured. */
const recordBytesMax = 1024 * 1000
/** How often a buffer that is neither full nor due looks whether enough has come to fill it, within a hundredth of its interval. */
const lookMs = { min: 50, max: 1000 }

/**
 * The delivery loop of one partition: read, buffer, decide, deliver, confirm.
 *
 * A buffer is a range of the log that closes by size or by age. Closing it decides its object, durably; only then is it
 * delivered, and repeated until it is, while the loop goes on with the next buffer.
 */
export class PartitionDelivery {
  readonly #options: PartitionDeliveryOptions
  /** Wakes the waits for records, time and a next attempt. */
  readonly #wakeup = new Wakeup()
  readonly #batches: BatchDelivery
  readonly #measured: MeasuredLog
  readonly #unreadable: UnreadableStretch
  readonly #loop: Promise<void>
  #stopping = false
  /** Buffers with records before this close as soon as they can. */
  #flushThrough: Position = asPosition(0)
  /** Damage before this was told already: a buffer that closed before it makes the next one meet it again. */
  #damageToldThrough: Position = asPosition(0)
  /** Arrival of the oldest record in the buffer that is open. */
  #openSinceMs: number | undefined

  /** Starts the loop. */
  constructor(options: PartitionDeliveryOptions) {
    this.#options = options
    this.#batches = new BatchDelivery(options, this.#wakeup)
    this.#measured = new MeasuredLog(options.log)
    this.#unreadable = new UnreadableStretch(options.log, options.clock)
    this.#loop = this.#run()
  }

  /** The position before which everything is delivered. */
  get deliveredThrough(): Position {
    return deliveredThrough(this.#options.checkpoint.current)
  }

  /** Arrival of the oldest record that is not delivered; undefined when there is none, or it was not looked at yet. */
  get oldestArrivalMs(): number | undefined {
    return this.#options.checkpoint.current.decided[0]?.oldestArrivalMs ?? this.#openSinceMs
  }

  /**
   * Delivers what is stored by now without waiting for a buffer to fill. Answers true when that is done; false when
   * `signal`, or a stop, came first.
   */
  async flush(signal: AbortSignal): Promise<boolean> {
    const target = await Promise.race([this.#options.log.endNow(), aborted(signal)])
    // Its writer does not say where it ends: it may be another process, which hangs or is started again.
    if (target === undefined) return false
    this.#flushThrough = asPosition(Math.max(this.#flushThrough, target))
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

  /** Has every wait look again at the stream's definition: after an update. A failed delivery is tried again at once. */
  look() {
    this.#wakeup.wake()
  }

  /** Ends the loop. Attempts under way may finish until `graceMs` are over; what is not confirmed then is repeated later. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true
    this.#batches.stop()
    this.#wakeup.wake()
    this.#batches.confirmed.wake()
    const settled = this.#settle()
    const grace = new AbortController()
    await Promise.race([settled, this.#options.clock.sleep(graceMs, grace.signal)])
    grace.abort()
    this.#batches.end()
    await settled
  }

  async #settle() {
    await this.#loop
    await this.#batches.settled()
    try {
      // Says of each batch whether it may have been delivered, so that a stop is told from a crash.
      await this.#options.checkpoint.save()
    } catch (err) {
      this.#options.logger.warn(
        { err },
        "Cannot save how far delivery has come; the next start takes this stop for a crash",
      )
    }
  }

  async #run() {
    const { checkpoint } = this.#options
    await this.#batches.resume()
    for (let failedTimes = 0; !this.#stopping; ) {
      const since = this.#wakeup.count
      try {
        const buffered = await this.#fill(checkpoint.current.next)
        if (buffered === undefined) return
        await this.#batches.room(buffered.sizeBytes >= this.#buffering().bufferBytesMax)
        if (this.#stopping) return
        this.#openSinceMs = undefined
        this.#batches.decide(buffered)
        failedTimes = 0
      } catch (error) {
        failedTimes++
        if (error instanceof AssertionError) {
          this.#options.logger.fatal({ err: error }, "Delivery of this stream stopped: a rule of our own was broken")
          return
        }
        const waitMs = backoffMs(failedTimes, this.#options.random)
        this.#options.logger.error({ err: error, waitMs }, "Delivery cannot go on; it will be tried again")
        if (error instanceof KeyUnavailableError) reportKeyProblem(this.#options, error)
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

  // ---- buffering

  /** Measures the records from `from` on until their buffer closes; undefined when the loop is to stop. */
  async #fill(from: Position): Promise<Buffered | undefined> {
    const { clock, log } = this.#options
    let buffered: Buffered | undefined
    let openedMs = clock.elapsed()
    let next = from
    this.#openSinceMs = undefined
    for (let since = this.#wakeup.count; !this.#stopping; since = this.#wakeup.count) {
      const { bufferBytesMax, intervalMs } = this.#buffering()
      // By whichever clock more time has passed: the wall clock may have been set back.
      const sinceMs = buffered?.oldestArrivalMs ?? clock.now()
      const waitMs = Math.ceil(intervalMs - Math.max(clock.now() - sinceMs, clock.elapsed() - openedMs))
      const isDue = buffered !== undefined && (waitMs <= 0 || buffered.from < this.#flushThrough)
      const mayBeFull = (log.end - next) * recordBytesMax >= bufferBytesMax - (buffered?.sizeBytes ?? 0)
      if (buffered !== undefined && !isDue && !mayBeFull) {
        await this.#wakeup.wait(since, clock, Math.min(waitMs, lookAgainMs(intervalMs)))
        continue
      }
      let result: Measurement
      try {
        result = await this.#measured.from(next, bufferBytesMax - (buffered?.sizeBytes ?? 0))
      } catch (error) {
        // What comes before something that can't be read does not wait for it.
        if (buffered !== undefined && isDue) return buffered
        throw error
      }
      for (const damage of result.damage) this.#reportNewDamage(damage)
      for (const frame of result.frames) {
        if (buffered === undefined) openedMs = clock.elapsed()
        buffered = addFrame(buffered, await this.#measured.cut(frame, bufferBytesMax - (buffered?.sizeBytes ?? 0)))
        this.#openSinceMs = buffered.oldestArrivalMs
        if (buffered.sizeBytes >= bufferBytesMax) return buffered
      }
      if (result.next > next) {
        next = result.next
        // Nothing but damage so far: it is in no batch, so the checkpoint steps over it.
        if (buffered === undefined) {
          this.#options.checkpoint.skipTo(next)
          this.#batches.confirmed.wake()
        }
        continue
      }
      if (buffered === undefined) {
        await this.#wakeup.wait(since, clock, undefined, (signal) => log.waitBeyond(next, signal))
        continue
      }
      if (isDue) return buffered
    }
    return undefined
  }

  #buffering() {
    const { limits, stream, openDestination } = this.#options
    const { bufferBytesMax, intervalMs } = openDestination(stream().destination).buffering
    const wantedMs = intervalMs === 0 ? zeroBufferingMs : intervalMs
    return { bufferBytesMax, intervalMs: Math.min(wantedMs, limits.intervalMsMax ?? wantedMs) }
  }

  #reportNewDamage(damage: Damage) {
    if (damage.to <= this.#damageToldThrough) return
    this.#damageToldThrough = damage.to
    reportDamage(this.#options, [damage], damage.to - damage.from)
  }
}

function lookAgainMs(intervalMs: number): number {
  return Math.min(lookMs.max, Math.max(lookMs.min, intervalMs / 100))
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener("abort", () => resolve(undefined), { once: true })
  })
}

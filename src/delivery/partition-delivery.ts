import { AssertionError } from "node:assert"
import type { DeliveryOutcome } from "../destinations/index.ts"
import { asPosition, type Damage, KeyUnavailableError, type Position } from "../log/index.ts"
import { Attempts } from "./attempts.ts"
import { backoffMs } from "./backoff.ts"
import { newlyLost } from "./batch.ts"
import { addFrame, type Buffered } from "./buffer.ts"
import { type Decided, deliveredThrough } from "./checkpoint.ts"
import { MeasuredLog } from "./measured-log.ts"
import type { PartitionDeliveryOptions } from "./partition-options.ts"
import {
  type Delivered,
  reportDamage,
  reportDelivered,
  reportExpired,
  reportFailure,
  reportKeyProblem,
} from "./report.ts"
import { Wakeup } from "./wakeup.ts"

/** Batches of one partition that may be under way at a time. More would not help one store, and cost memory. */
const batchesInFlightMax = 4
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
  /** Wakes those who wait for deliveries to be confirmed. */
  readonly #confirmed = new Wakeup()
  readonly #inFlight = new Set<Promise<void>>()
  readonly #attempts: Attempts
  /** Positions before it were used by earlier lives. */
  readonly #usedThrough: Position
  readonly #measured: MeasuredLog
  readonly #loop: Promise<void>
  #stopping = false
  /** Buffers with records before this close as soon as they can. */
  #flushThrough: Position = asPosition(0)
  /** Damage before this was told already: a buffer that closed before it makes the next one meet it again. */
  #damageToldThrough: Position = asPosition(0)
  /** The last attempt found no space where batches go. */
  #isOutOfSpace = false
  /** Arrival of the oldest record in the buffer that is open. */
  #openSinceMs: number | undefined

  /** Starts the loop. */
  constructor(options: PartitionDeliveryOptions) {
    this.#options = options
    this.#attempts = new Attempts(options)
    this.#usedThrough = options.checkpoint.current.next
    this.#measured = new MeasuredLog(options.log)
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
    const target = await this.#options.log.endNow()
    this.#flushThrough = asPosition(Math.max(this.#flushThrough, target))
    const wake = () => this.#confirmed.wake()
    signal.addEventListener("abort", wake, { once: true })
    this.look()
    while (this.deliveredThrough < target && !signal.aborted && !this.#stopping) {
      await this.#confirmed.wait(this.#confirmed.count, this.#options.clock)
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
    this.#wakeup.wake()
    this.#confirmed.wake()
    const settled = this.#settle()
    const grace = new AbortController()
    await Promise.race([settled, this.#options.clock.sleep(graceMs, grace.signal)])
    grace.abort()
    this.#attempts.end()
    await settled
  }

  async #settle() {
    await this.#loop
    await Promise.all(this.#inFlight)
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
    await this.#resume()
    for (let failedTimes = 0; !this.#stopping; ) {
      const since = this.#wakeup.count
      try {
        while (this.#inFlight.size >= batchesInFlightMax) await Promise.race(this.#inFlight)
        const buffered = await this.#fill(checkpoint.current.next)
        if (buffered === undefined) return
        this.#decide(buffered)
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
        await this.#wakeup.wait(since, this.#options.clock, waitMs)
      }
    }
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
      const result = await this.#measured.from(next, bufferBytesMax - (buffered?.sizeBytes ?? 0))
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
          this.#confirmed.wake()
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

  /**
   * Leaves out what the log lost at its end before this life: a failed sync may have shown it to an earlier one, and nobody
   * was promised it.
   */
  #acknowledged(damage: readonly Damage[]): readonly Damage[] {
    return damage.filter(({ from }) => from < this.#options.recoveredEnd || from >= this.#usedThrough)
  }

  // ---- deciding and delivering

  /** Goes on with what an earlier life of the process decided and did not see delivered. */
  async #resume() {
    const { checkpoint } = this.#options
    const inherited = checkpoint.current.decided
    for (const decided of inherited) checkpoint.replace(decided, { ...decided, mayBeDelivered: true })
    if (inherited.some((decided) => !decided.mayBeDelivered) && !(await this.#saveUntilDurable())) return
    for (const [index, decided] of checkpoint.current.decided.entries()) {
      this.#track(this.#deliver(decided, inherited[index]?.mayBeDelivered ?? true))
    }
  }

  #decide(buffered: Buffered) {
    const decided = this.#decisionFor(buffered)
    this.#options.checkpoint.add(decided)
    this.#openSinceMs = undefined
    // Durable before anything is sent, or it could not be repeated under the same name. Meanwhile the next buffer fills.
    this.#track(this.#saveUntilDurable().then((isDurable) => (isDurable ? this.#deliver(decided, false) : undefined)))
  }

  #decisionFor(range: Buffered): Decided {
    const { stream, openDestination } = this.#options
    const { name, version, destination } = stream()
    const { from, to, recordCount, sizeBytes, oldestArrivalMs, newestArrivalMs } = range
    const facts = { streamName: name, streamVersion: version, oldestArrivalMs, recordCount, sizeBytes }
    const decision = openDestination(destination).decide(facts)
    const measured = { from, to, recordCount, sizeBytes, oldestArrivalMs, newestArrivalMs }
    return { ...measured, streamVersion: version, destination, decision, mayBeDelivered: true }
  }

  /** Takes care of a delivery under way: the loop ends when all of them have. */
  #track(work: Promise<void>) {
    const delivering: Promise<void> = work
      .catch((err: unknown) => this.#options.logger.fatal({ err }, "A batch is left until the next start"))
      .finally(() => this.#inFlight.delete(delivering))
    this.#inFlight.add(delivering)
  }

  /**
   * Delivers one batch, however long it takes: until it is there, is too old, or the loop is stopped. `mayBeDelivered`
   * tells what is known of earlier attempts. The checkpoint says "maybe" as long as attempts are made, for a crash.
   */
  async #deliver(first: Decided, mayBeDelivered: boolean) {
    const { checkpoint, clock, limits, random, stream } = this.#options
    let decided = first
    let maybe = mayBeDelivered
    const isUpdated = () => stream().version !== decided.streamVersion
    for (let attempts = 1; !this.#stopping; attempts++) {
      await this.#untilSpace(decided)
      const since = this.#wakeup.count
      if (isUpdated() && !maybe) {
        // The update may be the cure. While the object may be there under its old name, that name is kept as long as the
        // records are: another one could make them appear twice.
        const anew = this.#decisionFor(decided)
        checkpoint.replace(decided, anew)
        decided = anew
        if (!(await this.#saveUntilDurable())) return
      }
      const damage: Damage[] = []
      const outcome = await this.#attempts.make(decided, damage, maybe)
      this.#learnSpace(outcome)
      if (outcome.kind === "delivered") return this.#confirm(decided, outcome, damage)
      const lostCount = newlyLost(decided, damage)
      if (lostCount === decided.recordCount) return this.#letGo(decided, damage)
      reportFailure(this.#options, decided, outcome, attempts)
      if (lostCount > 0) {
        // What is left is another batch. Where its object may be there with what was lost, it gets another name.
        reportDamage(this.#options, this.#acknowledged(damage), newlyLost(decided, this.#acknowledged(damage)))
        const left = { ...decided, recordCount: decided.recordCount - lostCount }
        const next = maybe ? this.#decisionFor(left) : left
        checkpoint.replace(decided, next)
        decided = next
        maybe = maybe ? false : outcome.mayBeDelivered
        if (!(await this.#saveUntilDurable())) return
      } else {
        maybe ||= outcome.mayBeDelivered
      }
      if (clock.now() - decided.newestArrivalMs > limits.retentionMs) {
        if (!isUpdated()) return this.#giveUp(decided)
        maybe = false
      }
      await this.#wakeup.wait(since, clock, backoffMs(attempts, random))
    }
    if (!maybe) checkpoint.replace(decided, { ...decided, mayBeDelivered: false })
  }

  /**
   * When there is no space left, all but the oldest batch wait until that one is delivered, or fails for another reason:
   * several that are half written could take the space that one needs.
   */
  async #untilSpace(decided: Decided) {
    const { checkpoint, clock } = this.#options
    for (let since = this.#confirmed.count; !this.#stopping; since = this.#confirmed.count) {
      const [oldest] = checkpoint.current.decided
      if (!this.#isOutOfSpace || oldest?.from === decided.from) return
      await this.#confirmed.wait(since, clock)
    }
  }

  #learnSpace(outcome: DeliveryOutcome) {
    const wasOutOfSpace = this.#isOutOfSpace
    this.#isOutOfSpace = outcome.kind === "later" && outcome.outOfSpace === true
    if (wasOutOfSpace && !this.#isOutOfSpace) this.#confirmed.wake()
  }

  async #confirm(decided: Decided, outcome: Delivered, damage: readonly Damage[]) {
    const acknowledged = this.#acknowledged(damage)
    const lostCount = newlyLost(decided, acknowledged)
    if (lostCount > 0) reportDamage(this.#options, acknowledged, lostCount)
    const recordCount = decided.recordCount - newlyLost(decided, damage)
    reportDelivered(this.#options, decided, outcome, recordCount)
    // Before the checkpoint shows it: whoever waits for that wants to know of all that was delivered until then.
    this.#options.onDelivered({ location: outcome.location, recordCount, sizeBytes: decided.sizeBytes })
    await this.#finish(decided)
    this.#confirmed.wake()
  }

  /** Nothing of the batch can be read any more: there is nothing to deliver. */
  async #letGo(decided: Decided, damage: readonly Damage[]) {
    reportDamage(this.#options, this.#acknowledged(damage), newlyLost(decided, this.#acknowledged(damage)))
    await this.#finish(decided)
    this.#confirmed.wake()
  }

  async #giveUp(decided: Decided) {
    reportExpired(this.#options, decided)
    await this.#finish(decided)
    this.#confirmed.wake()
  }

  /** Takes a batch off the checkpoint, and lets the log go of what nobody needs any more. */
  async #finish(decided: Decided) {
    const { checkpoint, log, logger } = this.#options
    checkpoint.remove(decided)
    if (!(await this.#saveUntilDurable())) return
    try {
      // As the file says: a later life must find what its checkpoint sends it to.
      await log.trim(deliveredThrough(checkpoint.durable))
    } catch (err) {
      logger.warn({ err }, "Cannot delete delivered segments of the log; it will be tried again with the next batch")
    }
  }

  /** Saves the checkpoint, again and again if the disk fails; false when the loop is stopped before that worked. */
  async #saveUntilDurable(): Promise<boolean> {
    const { checkpoint } = this.#options
    const save = async () => {
      await checkpoint.save()
      return true
    }
    return (await this.#untilItWorks("Cannot save how far delivery has come; it waits until that works", save)) === true
  }

  /** Does what a disk may refuse again and again; undefined when the loop is stopped before that worked. */
  async #untilItWorks<T>(sentence: string, work: () => Promise<T>): Promise<T | undefined> {
    const { clock, logger, random } = this.#options
    for (let failedTimes = 1; ; failedTimes++) {
      const since = this.#wakeup.count
      try {
        return await work()
      } catch (err) {
        if (this.#stopping) return undefined
        const waitMs = backoffMs(failedTimes, random)
        logger.error({ err, waitMs }, sentence)
        await this.#wakeup.wait(since, clock, waitMs)
      }
    }
  }
}

function lookAgainMs(intervalMs: number): number {
  return Math.min(lookMs.max, Math.max(lookMs.min, intervalMs / 100))
}

import type { DeliveryOutcome } from "../destinations/index.ts"
import type { Damage } from "../log/index.ts"
import { Attempts } from "./attempts.ts"
import { backoffMs } from "./backoff.ts"
import { newlyLost } from "./batch.ts"
import type { BatchRecords } from "./batch-records.ts"
import type { Buffered } from "./buffer.ts"
import type { Decided, DecidedPlace } from "./checkpoint.ts"
import type { PartitionDeliveryOptions } from "./partition-options.ts"
import { type Delivered, reportDamage, reportDelivered, reportExpired, reportFailure } from "./report.ts"
import { Turns } from "./turns.ts"
import { Wakeup } from "./wakeup.ts"

/** Full ones that are decided beside those under way, so that the next delivery does not wait until its decision is durable. */
const decidedAheadMax = 4

export interface BatchDeliveryOptions extends PartitionDeliveryOptions {
  readonly records: BatchRecords
  /** Batches that may be under way at a time. */
  readonly inFlightMax: number
}

/**
 * The batches of one partition, from the decision on: each is decided durably, then delivered, and repeated until it is
 * there or too old.
 */
export class BatchDelivery {
  readonly #options: BatchDeliveryOptions
  /** Wakes the waits for a next attempt. */
  readonly #wakeup: Wakeup
  /** Wakes those who wait for deliveries to be confirmed. */
  readonly confirmed = new Wakeup()
  /** Deliveries of what was decided. */
  readonly #turns: Turns
  /** What was decided, and is not delivered. */
  readonly #inFlight = new Set<Promise<void>>()
  /** Saves of what is delivered: nobody waits for them but the end. */
  readonly #confirming = new Set<Promise<void>>()
  readonly #attempts: Attempts
  #stopping = false
  /** The last attempt found no space where batches go. */
  #isOutOfSpace = false

  /** `wakeup` is woken when a next attempt shall be made at once: after an update, and at a stop. */
  constructor(options: BatchDeliveryOptions, wakeup: Wakeup) {
    this.#options = options
    this.#wakeup = wakeup
    this.#attempts = new Attempts({ ...options, purpose: options.route.purpose })
    this.#turns = new Turns(options.inFlightMax)
  }

  /** Resolves when another batch may be decided: a full one sooner, since it would not grow while it waits. */
  async room(isFull: boolean): Promise<void> {
    const countMax = this.#options.inFlightMax + (isFull ? decidedAheadMax : 0)
    while (this.#inFlight.size >= countMax) await Promise.race(this.#inFlight)
  }

  /**
   * Ends the loop `deciding`, which looks at its own sign that it is to stop, and what it has decided. Attempts under way may
   * finish until `graceMs` are over; then they are ended, and `onGraceOver` ends what else is under way.
   */
  async stop(deciding: Promise<unknown>, graceMs: number, onGraceOver: () => void = () => {}): Promise<void> {
    this.#stopping = true
    this.#wakeup.wake()
    this.confirmed.wake()
    const settled = this.#settle(deciding)
    const grace = new AbortController()
    await Promise.race([settled, this.#options.clock.sleep(graceMs, grace.signal)])
    grace.abort()
    onGraceOver()
    this.#attempts.end()
    await settled
  }

  async #settle(deciding: Promise<unknown>) {
    await deciding
    await Promise.all(this.#inFlight)
    await Promise.all(this.#confirming)
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

  /** Goes on with what an earlier life of the process decided and did not see delivered. */
  async resume() {
    const { checkpoint } = this.#options
    const inherited = checkpoint.current.decided
    for (const decided of inherited) checkpoint.replace(decided, { ...decided, mayBeDelivered: true })
    if (inherited.some((decided) => !decided.mayBeDelivered) && !(await this.#saveUntilDurable())) return
    for (const [index, decided] of checkpoint.current.decided.entries()) {
      const mayBeDelivered = inherited[index]?.mayBeDelivered ?? true
      this.#track(
        this.#inFlight,
        this.#turns.take(() => this.#deliver(decided, mayBeDelivered)),
      )
    }
  }

  /** Decides what becomes of a buffer that closed, and begins to deliver it. `place`: see `CheckpointKeeper.add`. */
  decide(buffered: Buffered, place?: DecidedPlace) {
    const decided = this.#decisionFor(buffered)
    this.#options.checkpoint.add(decided, place)
    // Durable before anything is sent, or it could not be repeated under the same name. Meanwhile the next buffer fills.
    const saved = this.#saveUntilDurable()
    const deliver = async () => {
      if (await saved) await this.#deliver(decided, false)
    }
    this.#track(this.#inFlight, this.#turns.take(deliver))
  }

  #decisionFor(range: Buffered): Decided {
    const { route, stream, openDestination } = this.#options
    const { name, version } = stream()
    const destination = route.destination()
    const { output, recordCount, lostCount, sizeBytes, sourceBytes, oldestArrivalMs, newestArrivalMs } = range
    const { purpose } = route
    const facts = { purpose, output, streamName: name, streamVersion: version, oldestArrivalMs, recordCount, sizeBytes }
    const decision = openDestination(destination).decide(facts)
    const { from, to } = range
    const measured = { from, to, recordCount, lostCount, sizeBytes, sourceBytes, oldestArrivalMs, newestArrivalMs }
    return { output, ...measured, streamVersion: version, destination, decision, mayBeDelivered: true }
  }

  /** Takes care of work under way: the loop ends when all of it has. */
  #track(underWay: Set<Promise<void>>, work: Promise<void>) {
    const tracked: Promise<void> = work
      .catch((err: unknown) => this.#options.logger.fatal({ err }, "A batch is left until the next start"))
      .finally(() => underWay.delete(tracked))
    underWay.add(tracked)
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
        const { recordCount, lostCount: lostBefore } = decided
        const left = { ...decided, recordCount: recordCount - lostCount, lostCount: lostBefore + lostCount }
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
    for (let since = this.confirmed.count; !this.#stopping; since = this.confirmed.count) {
      const [oldest] = checkpoint.current.decided
      if (!this.#isOutOfSpace || oldest?.from === decided.from) return
      await this.confirmed.wait(since, clock)
    }
  }

  #learnSpace(outcome: DeliveryOutcome) {
    const wasOutOfSpace = this.#isOutOfSpace
    this.#isOutOfSpace = outcome.kind === "later" && outcome.outOfSpace === true
    if (wasOutOfSpace && !this.#isOutOfSpace) this.confirmed.wake()
  }

  #acknowledged(damage: readonly Damage[]): readonly Damage[] {
    return this.#options.records.acknowledged(damage)
  }

  #confirm(decided: Decided, outcome: Delivered, damage: readonly Damage[]) {
    const acknowledged = this.#acknowledged(damage)
    const lostCount = newlyLost(decided, acknowledged)
    if (lostCount > 0) reportDamage(this.#options, acknowledged, lostCount)
    const recordCount = decided.recordCount - newlyLost(decided, damage)
    reportDelivered(this.#options, decided, outcome, recordCount)
    // Before the checkpoint shows it: whoever waits for that wants to know of all that was delivered until then.
    this.#options.onDelivered({ location: outcome.location, recordCount, sizeBytes: decided.sizeBytes })
    this.#finish(decided)
  }

  /** Nothing of the batch can be read any more: there is nothing to deliver. */
  #letGo(decided: Decided, damage: readonly Damage[]) {
    reportDamage(this.#options, this.#acknowledged(damage), newlyLost(decided, this.#acknowledged(damage)))
    this.#finish(decided)
  }

  #giveUp(decided: Decided) {
    reportExpired(this.#options, decided)
    this.#finish(decided)
  }

  /**
   * Takes a batch off the checkpoint. The next batch need not wait until that is durable: it is by the time at which the
   * next one is decided, by the same save. A crash before it repeats the batch, as one before the answer does.
   */
  #finish(decided: Decided) {
    this.#options.checkpoint.remove(decided)
    this.#track(
      this.#confirming,
      this.saveAndTrim().finally(() => this.confirmed.wake()),
    )
  }

  /** Saves the checkpoint, and lets go of what nobody needs any more, once that is certain. */
  async saveAndTrim() {
    const { checkpoint, logger, records } = this.#options
    if (!(await this.#saveUntilDurable())) return
    try {
      // As the file says: a later life must find what its checkpoint sends it to.
      await records.letGo(checkpoint.durable)
    } catch (err) {
      logger.warn({ err }, "Cannot delete what is delivered; it will be tried again with the next batch")
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

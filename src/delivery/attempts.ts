import { setMaxListeners } from "node:events"
import type { DeliveryOutcome, Destination } from "../destinations/index.ts"
import { type BufferPool, type Damage, KeyUnavailableError } from "../log/index.ts"
import type { Logger } from "../observe/index.ts"
import type { Clock } from "../platform/index.ts"
import type { StoredDestination, StreamDefinition } from "../streams/index.ts"
import { type BatchOptions, batchOf } from "./batch.ts"
import type { BatchRecords } from "./batch-records.ts"
import type { Decided } from "./checkpoint.ts"
import type { Route } from "./partition-options.ts"
import type { SharedMemory } from "./shared-memory.ts"

export interface AttemptsOptions {
  /** Each of `readBytes`. */
  readonly buffers: BufferPool
  readonly clock: Clock
  readonly records: BatchRecords
  readonly logger: Logger
  readonly memory: DeliveryMemory
  readonly openDestination: (stored: StoredDestination) => Destination
  readonly purpose: Route["purpose"]
  readonly stream: () => StreamDefinition
}

/** What the streams together may hold. Attempts have two lanes, so that small batches never wait behind large ones. */
export interface DeliveryMemory {
  /** Chunks that are processed. */
  readonly chunks: SharedMemory
  /** Those that wait for functions. */
  readonly waitingChunks: SharedMemory
  readonly small: SharedMemory
  readonly large: SharedMemory
}

/** A batch of up to this size goes by the lane of the small ones. */
const smallBytesMax = 1024 * 1024
/** What an attempt holds of a large batch: parts that are being uploaded. Of a smaller one it may hold all. */
const uploadBytesMax = 32 * 1024 * 1024
/** What is read of the log at a time, and what is made of it. */
export const readBytes = 1024 * 1024
/** One attempt may take this long; then it is ended, and repeated. */
const attemptMsMax = 10 * 60_000
/** One that takes this long is told in the log: the place it goes to may hang. */
const slowMs = 60_000

/** Makes attempts to deliver the batches of one partition: each with its share of memory, and within its time. */
export class Attempts {
  readonly #options: AttemptsOptions
  readonly #ended = new AbortController()

  constructor(options: AttemptsOptions) {
    this.#options = options
    // Each attempt under way listens.
    setMaxListeners(0, this.#ended.signal)
  }

  /**
   * One attempt. What can't be read of the batch is added to `damage`; with `mustBeWhole` it then fails. Never rejects.
   */
  async make(decided: Decided, damage: Damage[], mustBeWhole: boolean): Promise<DeliveryOutcome> {
    const { memory, openDestination } = this.#options
    const destination = openDestination(decided.destination)
    const { target } = destination
    const lane = decided.sizeBytes <= smallBytesMax ? memory.small : memory.large
    const madeBytes = destination.memoryBytes(decided.decision, decided.sizeBytes)
    const shareBytes = Math.min(decided.sizeBytes, uploadBytesMax) + readBytes + madeBytes
    const waited = this.#tellSlow("A batch waits for memory: others that go to the same place hold it", target)
    const giveBack = await lane.take(target, shareBytes, this.#ended.signal)
    waited.abort("over")
    if (giveBack === undefined) return unknown("Delivery is stopping")
    const answered = this.#tellSlow("A delivery is not answered yet: the place it goes to may hang", target)
    try {
      const keyProblems: KeyUnavailableError[] = []
      const onDamage = (found: Damage) => void damage.push(found)
      const outcome = await this.#makeInTime(decided, { onDamage, mustBeWhole }, keyProblems)
      const [keyProblem] = keyProblems
      // The destination knows only that it could not read the batch.
      return keyProblem === undefined || outcome.kind === "delivered" ? outcome : { ...outcome, code: keyProblem.code }
    } catch (error) {
      return unknown(error instanceof Error ? error.message : String(error))
    } finally {
      answered.abort("over")
      giveBack()
    }
  }

  /** Writes `message` to the log unless the answer is aborted soon. */
  #tellSlow(message: string, target: string): AbortController {
    const { clock, logger } = this.#options
    const over = new AbortController()
    void clock.sleep(slowMs, over.signal).then(() => {
      if (!over.signal.aborted && !this.#ended.signal.aborted) logger.warn({ target, afterMs: slowMs }, message)
    })
    return over
  }

  /** Ends the attempts under way, and lets later ones fail at once. */
  end() {
    this.#ended.abort("ended")
  }

  /** Ends an attempt that takes too long, or that is under way at the end, whether its destination listens to that or not. */
  async #makeInTime(
    decided: Decided,
    reading: Omit<BatchOptions, "buffers" | "purpose" | "streamName">,
    keyProblems: KeyUnavailableError[],
  ): Promise<DeliveryOutcome> {
    const { buffers, clock, openDestination, purpose, stream } = this.#options
    const attempt = new AbortController()
    const { signal } = attempt
    const end = () => attempt.abort("ended")
    this.#ended.signal.addEventListener("abort", end, { once: true })
    void clock.sleep(attemptMsMax, signal).then(end)
    const ended = new Promise<DeliveryOutcome>((resolve) => {
      const tell = () => resolve(unknown("The attempt was ended: it took too long, or delivery is stopped"))
      signal.addEventListener("abort", tell, { once: true })
    })
    try {
      const batch = batchOf(this.#options.records, decided, { ...reading, buffers, purpose, streamName: stream().name })
      const bytes = () => noting(batch.bytes(), keyProblems)
      const records = () => noting(batch.records(), keyProblems)
      const destination = openDestination(decided.destination)
      return await Promise.race([destination.deliver(decided.decision, { ...batch, bytes, records }, signal), ended])
    } finally {
      this.#ended.signal.removeEventListener("abort", end)
      end()
    }
  }
}

/** An attempt of which nothing is known. */
function unknown(message: string): DeliveryOutcome {
  return { kind: "later", mayBeDelivered: true, code: "InternalError", message }
}

/** The same pieces. When they can't be read for want of a key, that is added to `keyProblems`. */
async function* noting<Piece>(
  pieces: AsyncIterable<Piece>,
  keyProblems: KeyUnavailableError[],
): AsyncGenerator<Piece, void, undefined> {
  try {
    yield* pieces
  } catch (error) {
    if (error instanceof KeyUnavailableError) keyProblems.push(error)
    throw error
  }
}

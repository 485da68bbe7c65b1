import type { DeliveryOutcome, Destination } from "../destinations/index.ts"
import { type Damage, KeyUnavailableError, type PartitionReader } from "../log/index.ts"
import type { Clock } from "../platform/index.ts"
import type { StoredDestination, StreamDefinition } from "../streams/index.ts"
import { batchOf } from "./batch.ts"
import type { Decided } from "./checkpoint.ts"
import { MemoryBudget } from "./memory-budget.ts"

export interface AttemptsOptions {
  readonly clock: Clock
  readonly log: PartitionReader
  readonly memory: AttemptMemory
  readonly openDestination: (stored: StoredDestination) => Destination
  readonly stream: () => StreamDefinition
}

/** What the attempts of all streams together may hold, in two lanes: so small batches never wait behind large ones. */
export interface AttemptMemory {
  readonly small: MemoryBudget
  readonly large: MemoryBudget
}

/** A batch of up to this size goes by the lane of the small ones. */
const smallBytesMax = 1024 * 1024
/** What an attempt holds of a large batch: parts that are being uploaded. Of a smaller one it may hold all. */
const uploadBytesMax = 32 * 1024 * 1024
/** What is read of the log at a time. */
const readBytes = 1024 * 1024
/** What the large batches of one partition may hold together, so that a store that hangs for it leaves room for others. */
const partitionBytesMax = uploadBytesMax + readBytes
/** One attempt may take this long; then it is ended, and repeated. */
const attemptMsMax = 10 * 60_000

/** Makes attempts to deliver the batches of one partition: each with its share of memory, and within its time. */
export class Attempts {
  readonly #options: AttemptsOptions
  readonly #memory = new MemoryBudget(partitionBytesMax)
  readonly #ended = new AbortController()

  constructor(options: AttemptsOptions) {
    this.#options = options
  }

  /** One attempt. What can't be read of the batch is added to `damage`. Never rejects. */
  async make(decided: Decided, damage: Damage[]): Promise<DeliveryOutcome> {
    const { memory } = this.#options
    const { signal } = this.#ended
    const isSmall = decided.sizeBytes <= smallBytesMax
    const shareBytes = Math.min(decided.sizeBytes, uploadBytesMax) + readBytes
    const giveBackOwn = isSmall ? undefined : await this.#memory.take(shareBytes, signal)
    const giveBack = await (isSmall ? memory.small : memory.large).take(shareBytes, signal)
    try {
      if (giveBack === undefined) return unknown("Delivery is stopping")
      const keyProblems: KeyUnavailableError[] = []
      const outcome = await this.#makeInTime(decided, damage, keyProblems)
      const [keyProblem] = keyProblems
      // The destination knows only that it could not read the batch.
      return keyProblem === undefined || outcome.kind === "delivered" ? outcome : { ...outcome, code: keyProblem.code }
    } catch (error) {
      return unknown(error instanceof Error ? error.message : String(error))
    } finally {
      giveBack?.()
      giveBackOwn?.()
    }
  }

  /** Ends the attempts under way, and lets later ones fail at once. */
  end() {
    this.#ended.abort("ended")
  }

  /** Ends an attempt that takes too long, or that is under way at the end, whether its destination listens to that or not. */
  async #makeInTime(decided: Decided, damage: Damage[], keyProblems: KeyUnavailableError[]): Promise<DeliveryOutcome> {
    const { clock, log, openDestination, stream } = this.#options
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
      const batch = batchOf(log, decided, stream().name, (found) => damage.push(found))
      const bytes = () => noting(batch.bytes(), keyProblems)
      const destination = openDestination(decided.destination)
      return await Promise.race([destination.deliver(decided.decision, { ...batch, bytes }, signal), ended])
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

/** The same bytes. When they can't be read for want of a key, that is added to `keyProblems`. */
async function* noting(
  bytes: AsyncIterable<Uint8Array>,
  keyProblems: KeyUnavailableError[],
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* bytes
  } catch (error) {
    if (error instanceof KeyUnavailableError) keyProblems.push(error)
    throw error
  }
}

import type { FrameKey } from "../log/index.ts"
import type { Clock } from "../platform/index.ts"
import { asKeyError, type KeyError, KeyRefusedError, KeyUnreachableError } from "./key-errors.ts"

/** After this time the master key is asked again whether the data key may still be used. */
const goodForMs = 5 * 60_000
/** A master key that refused, or could not be asked, is asked again after this time, when its data key is wanted. */
const askAgainMs = 10_000

export interface DataKeyOptions {
  readonly id: string
  readonly clock: Clock
  /** Asks the master key. @throws KeyError */
  readonly unwrap: () => Promise<Uint8Array>
  /** Told of every answer that was no key. */
  readonly onProblem: (problem: KeyError) => void
}

/**
 * One data key in memory: unwrapped when it is first wanted, and looked at again while it is in use. Once its master key
 * refuses, it is forgotten. While nobody can be asked, it goes on as it was.
 */
export class DataKey {
  readonly #options: DataKeyOptions
  #frameKey: FrameKey | undefined
  #problem: KeyError | undefined
  #askedMs = Number.NEGATIVE_INFINITY
  #asking: Promise<void> | undefined

  /** `secret` is given for a key that was just made. */
  constructor(options: DataKeyOptions, secret?: Uint8Array) {
    this.#options = options
    if (secret === undefined) return
    this.#frameKey = { id: options.id, secret }
    this.#askedMs = options.clock.elapsed()
  }

  /** The key, when it is at hand. Has it looked at again when that is due: the caller does not wait for it. */
  get atHand(): FrameKey | undefined {
    if (this.#frameKey !== undefined && this.#isDue) void this.#ask()
    return this.#frameKey
  }

  /** Why it can't be used, as far as is known. */
  get problem(): KeyError | undefined {
    return this.#problem
  }

  /** The key, asked for when it is not at hand. @throws KeyError */
  async get(): Promise<FrameKey> {
    if (this.atHand === undefined && (this.#isDue || this.#asking !== undefined)) await this.#ask()
    if (this.#frameKey !== undefined) return this.#frameKey
    throw this.#problem ?? new KeyUnreachableError(`The data key "${this.#options.id}" was not asked for yet`)
  }

  /** Resolves when nothing is asked any more. */
  async settled(): Promise<void> {
    await this.#asking
  }

  get #isDue(): boolean {
    const waitMs = this.#problem === undefined ? goodForMs : askAgainMs
    return this.#options.clock.elapsed() - this.#askedMs >= waitMs
  }

  #ask(): Promise<void> {
    this.#asking ??= this.#askOnce().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #askOnce() {
    const { id, clock, unwrap, onProblem } = this.#options
    try {
      this.#frameKey = { id, secret: await unwrap() }
      this.#problem = undefined
    } catch (error) {
      const problem = asKeyError(error)
      this.#problem = problem
      if (problem instanceof KeyRefusedError) this.#frameKey = undefined
      onProblem(problem)
    }
    this.#askedMs = clock.elapsed()
  }
}

import { type FrameKey, type FrameKeys, KeyUnavailableError, type SealingState } from "../log/index.ts"
import type { Clock, Random } from "../platform/index.ts"
import { type MasterKey, type StreamDefinition, sealingKey, type WrappedDataKey } from "../streams/index.ts"
import { DataKey } from "./data-key.ts"
import { asKeyError, type KeyError } from "./key-errors.ts"
import type { KeyWrapper } from "./key-wrapper.ts"

export interface StreamKeysOptions {
  readonly clock: Clock
  readonly random: Random
  readonly wrapper: KeyWrapper
  /** Told of every time that a key of the stream could not be had. */
  readonly onProblem: (stream: StreamDefinition, problem: KeyError) => void
}

const idBytes = 16

/** The data keys of one stream: what its log seals and reads frames with, as its definition says at the moment. */
export class StreamKeys implements FrameKeys {
  readonly #options: StreamKeysOptions
  readonly #dataKeys = new Map<string, DataKey>()
  #stream: StreamDefinition

  constructor(options: StreamKeysOptions, stream: StreamDefinition) {
    this.#options = options
    this.#stream = stream
  }

  /** The definition has changed. */
  update(stream: StreamDefinition) {
    this.#stream = stream
  }

  get sealing(): SealingState {
    const wrapped = sealingKey(this.#stream.encryption)
    if (wrapped === undefined) return { kind: "clear" }
    const dataKey = this.#dataKey(wrapped)
    const key = dataKey.atHand
    if (key !== undefined) return { kind: "sealed", key }
    return { kind: "unavailable", reason: dataKey.problem?.message ?? "The stream's data key is not unwrapped yet" }
  }

  async find(id: string): Promise<FrameKey> {
    const wrapped = this.#stream.encryption.dataKeys.find((one) => one.id === id)
    if (wrapped !== undefined) return this.#dataKey(wrapped).get()
    throw new KeyUnavailableError(
      `Records of "${this.#stream.name}" are sealed with the data key "${id}", which its definition does not have: restore the definition`,
    )
  }

  /**
   * Has the key at hand that records are to be sealed with. Answers undefined at once when it is, or when none is needed;
   * else a promise of why it can't be had, or of undefined once it is there.
   */
  prepare(): Promise<KeyError | undefined> | undefined {
    const wrapped = sealingKey(this.#stream.encryption)
    if (wrapped === undefined) return undefined
    const dataKey = this.#dataKey(wrapped)
    if (dataKey.atHand !== undefined) return undefined
    return dataKey.get().then(() => undefined, asKeyError)
  }

  /** Makes a data key, which is used once it is in the definition. @throws KeyError */
  async make(key: MasterKey): Promise<WrappedDataKey> {
    const { random, wrapper, onProblem } = this.#options
    try {
      const { secret, wrapped } = await wrapper.generate(key, this.#stream.arn)
      const made = { id: random.bytes(idBytes).toString("hex"), key, wrapped }
      this.#dataKey(made, secret)
      return made
    } catch (error) {
      const problem = asKeyError(error)
      onProblem(this.#stream, problem)
      throw problem
    }
  }

  /** Why the key that records are to be sealed with can't be used, as far as is known. */
  get problem(): KeyError | undefined {
    const wrapped = sealingKey(this.#stream.encryption)
    return wrapped === undefined ? undefined : this.#dataKeys.get(wrapped.id)?.problem
  }

  /** Resolves when no key is asked for any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#dataKeys.values()].map((dataKey) => dataKey.settled()))
  }

  #dataKey(wrapped: WrappedDataKey, secret?: Uint8Array): DataKey {
    const known = this.#dataKeys.get(wrapped.id)
    if (known !== undefined) return known
    const { clock, wrapper, onProblem } = this.#options
    const dataKey = new DataKey(
      {
        id: wrapped.id,
        clock,
        unwrap: () => wrapper.unwrap(wrapped, this.#stream.arn),
        onProblem: (problem) => onProblem(this.#stream, problem),
      },
      secret,
    )
    this.#dataKeys.set(wrapped.id, dataKey)
    return dataKey
  }
}

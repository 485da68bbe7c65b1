import type { FrameKey, FrameKeys, ReadingKeys, SealingState } from "../log/index.ts"
import { type StreamDefinition, sealingKey } from "../streams/index.ts"

/** What processed records of one stream are sealed with: the keys of its log, and the same one as its log uses now. */
export class SpoolKeys implements FrameKeys {
  readonly #stream: () => StreamDefinition
  readonly #keys: ReadingKeys
  /** The key that was asked for last. */
  #atHand: FrameKey | undefined

  constructor(stream: () => StreamDefinition, keys: ReadingKeys) {
    this.#stream = stream
    this.#keys = keys
  }

  get sealing(): SealingState {
    const wanted = sealingKey(this.#stream().encryption)
    if (wanted === undefined) return { kind: "clear" }
    if (this.#atHand?.id === wanted.id) return { kind: "sealed", key: this.#atHand }
    return { kind: "unavailable", reason: "the stream's data key was not asked for yet" }
  }

  find(id: string): Promise<FrameKey> {
    return this.#keys.find(id)
  }

  /** Has the key at hand that records are to be sealed with, and asks for it each time: it may be disabled. @throws KeyUnavailableError */
  async prepare(): Promise<void> {
    const wanted = sealingKey(this.#stream().encryption)
    this.#atHand = wanted && (await this.#keys.find(wanted.id))
  }
}

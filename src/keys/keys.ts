import type { Logger, Metrics } from "../observe/index.ts"
import type { Clock, Random } from "../platform/index.ts"
import type { MasterKey, StreamDefinition } from "../streams/index.ts"
import { asKeyError, type KeyError, KeyRefusedError } from "./key-errors.ts"
import type { KeyWrapper } from "./key-wrapper.ts"
import { StreamKeys } from "./stream-keys.ts"

export interface KeysOptions {
  readonly clock: Clock
  readonly random: Random
  readonly wrapper: KeyWrapper
  readonly metrics: Pick<Metrics, "add">
  readonly logger: Logger
}

/** The keys of all streams. A key is asked for when it is first wanted: a start asks for none. */
export class Keys {
  readonly #options: KeysOptions
  readonly #streams = new Map<string, StreamKeys>()

  constructor(options: KeysOptions) {
    this.#options = options
  }

  /** Those of one stream: the same ones whenever it is asked for. They follow what `stream` says by now. */
  of(stream: StreamDefinition): StreamKeys {
    const known = this.#streams.get(stream.uid)
    if (known !== undefined) {
      known.update(stream)
      return known
    }
    const { clock, random, wrapper } = this.#options
    const onProblem = (of: StreamDefinition, problem: KeyError) => this.#report(of, problem)
    const keys = new StreamKeys({ clock, random, wrapper, onProblem }, stream)
    this.#streams.set(stream.uid, keys)
    return keys
  }

  /** Forgets the keys of a stream that is deleted. */
  forget(streamUid: string) {
    this.#streams.delete(streamUid)
  }

  /**
   * Why a master key can't be used for a stream, if that is certain. Found out by making a data key, which nobody gets.
   * Undefined also when nobody could be asked.
   */
  async refusal(key: MasterKey, streamArn: string): Promise<KeyRefusedError | undefined> {
    try {
      await this.#options.wrapper.generate(key, streamArn)
      return undefined
    } catch (error) {
      const problem = asKeyError(error)
      return problem instanceof KeyRefusedError ? problem : undefined
    }
  }

  /** Resolves when no key is asked for any more. */
  async settled(): Promise<void> {
    await Promise.all([...this.#streams.values()].map((keys) => keys.settled()))
  }

  #report({ name }: StreamDefinition, problem: KeyError) {
    const { logger, metrics } = this.#options
    if (problem instanceof KeyRefusedError) metrics.add(problem.names.metric, name, 1)
    logger.error({ stream: name, reason: problem.message }, "The key of an encrypted delivery stream can't be used")
  }
}

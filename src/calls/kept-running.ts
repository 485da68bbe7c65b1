import type { Clock } from "../platform/index.ts"
import { type Answer, type Channel, EndedError, type Given, type Offer, type Peer } from "./calls.ts"

/** A process or thread that was started beside this one, and has nothing to do yet. */
export interface Companion extends Channel {
  /** Ends it at once. No error when it has ended. */
  kill(): void
  /** Resolves with how it ended. */
  readonly ended: Promise<string>
}

export interface KeptRunningOptions<Made extends Companion, Theirs> {
  readonly clock: Clock
  /** For errors. */
  readonly name: string
  readonly spawn: () => Made
  /** Connects to one that was spawned, and tells it all that it must know before anybody calls it. One for which that fails is ended. */
  readonly begin: (made: Made) => Promise<Peer<Theirs>>
  /** Told that it has ended by itself, and how. It is started again. */
  readonly onEnded: (how: string) => void
  /** Told that it runs again. */
  readonly onAgain: () => void
  /** Told that it could not be started again. It is tried further. */
  readonly onFailed: (error: unknown) => void
}

/** One that has ended is started again after this time: those that end at once take no more than a part of a core. */
const restartMs = 1000

interface Running<Made, Theirs> {
  readonly made: Made
  readonly peer: Peer<Theirs>
}

/** Keeps a process or a thread running: whenever it ends by itself, it is started again, and told again what it must know. */
export class KeptRunning<Made extends Companion, Theirs extends Offer<Theirs>> {
  readonly #options: KeptRunningOptions<Made, Theirs>
  /** Those that have not ended: the one that runs, or one that begins to. */
  readonly #alive = new Set<Made>()
  readonly #closing = new AbortController()
  #running: Running<Made, Theirs> | undefined
  /** Those who wait until it runs. */
  #waiting: (() => void)[] = []
  /** Resolves when it runs for the first time; rejects when it can't be started, and then it is not tried again. */
  readonly started: Promise<void>

  /** Spawns it at once. */
  constructor(options: KeptRunningOptions<Made, Theirs>) {
    this.#options = options
    this.started = this.#start()
    // Whoever made this looks at it later.
    this.started.catch(() => {})
  }

  /** What was spawned, when it runs now. */
  get running(): Made | undefined {
    return this.#running?.made
  }

  /** What it offers, when it runs now. */
  get peer(): Peer<Theirs> | undefined {
    return this.#running?.peer
  }

  /**
   * Calls it once it runs; once more when it has ended before it answered: so what is called must bear to be done twice.
   * @throws EndedError when it is not running and won't be again, or when `signal` is aborted while it is not
   */
  async call<Name extends keyof Theirs & string>(
    name: Name,
    given: Given<Theirs[Name]>,
    signal?: AbortSignal,
  ): Promise<Answer<Theirs[Name]>> {
    for (;;) {
      const running = this.#running
      if (running === undefined) {
        if (this.#closing.signal.aborted || signal?.aborted) {
          throw new EndedError(`${this.#options.name} is not running`)
        }
        await this.#runningAgain(signal)
        continue
      }
      try {
        return await running.peer.call(name, given)
      } catch (error) {
        if (!(error instanceof EndedError)) throw error
        await running.made.ended
      }
    }
  }

  /** Aborted once it is not to be started again. */
  get retired(): AbortSignal {
    return this.#closing.signal
  }

  /** From now on it is not started again when it ends. */
  retire() {
    this.#closing.abort()
    this.#wakeWaiting()
  }

  /**
   * Ends it for good: by `ending`, which may take `durationMs`. May be called twice.
   * @throws Error when `ending` fails or takes too long; it has ended all the same
   */
  async close(ending: (peer: Peer<Theirs>) => Promise<void>, durationMs: number): Promise<void> {
    this.retire()
    const running = this.#running
    const over = new AbortController()
    const late = this.#options.clock.sleep(durationMs, over.signal).then(() => {
      throw new Error(`${this.#options.name} did not end by itself within ${durationMs} ms`)
    })
    late.catch(() => {})
    try {
      if (running !== undefined) await Promise.race([ending(running.peer), late])
    } finally {
      over.abort()
      for (const made of this.#alive) made.kill()
      await Promise.all([...this.#alive].map(({ ended }) => ended))
    }
  }

  #runningAgain(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener("abort", wake)
        resolve()
      }
      signal?.addEventListener("abort", wake, { once: true })
      this.#waiting.push(wake)
    })
  }

  #wakeWaiting() {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  async #start() {
    const { begin, name, spawn } = this.#options
    const made = spawn()
    this.#alive.add(made)
    const ended = made.ended.finally(() => this.#alive.delete(made))
    try {
      this.#running = { made, peer: await begin(made) }
    } catch (error) {
      made.kill()
      const how = await ended
      throw error instanceof EndedError ? new Error(`${name} ended while it was started: ${how}`) : error
    }
    void ended.then((how) => this.#startAgain(how))
    this.#wakeWaiting()
  }

  async #startAgain(how: string) {
    const { clock, onAgain, onEnded, onFailed } = this.#options
    const { signal } = this.#closing
    this.#running = undefined
    if (signal.aborted) return
    onEnded(how)
    for (;;) {
      await clock.sleep(restartMs, signal)
      if (signal.aborted) return
      try {
        await this.#start()
        return onAgain()
      } catch (error) {
        if (!signal.aborted) onFailed(error)
      }
    }
  }
}

import type { Clock } from "../clock.ts"

/**
 * One run of a simulated process, from its start to its crash. Nothing that it waits for happens after its end: as in a
 * process that was killed, none of its code runs on, neither to finish its work nor to handle an error.
 *
 * That holds as long as all it waits for went through `bound`, as its disk, its clock and its network do.
 */
export class Life {
  /** Resolves at the end: a test awaits it in a race with the work that may be cut off. */
  readonly ended: Promise<void>
  readonly #end: () => void
  #over = false

  constructor() {
    let end: () => void = () => undefined
    this.ended = new Promise((resolve) => {
      end = resolve
    })
    this.#end = end
  }

  get over(): boolean {
    return this.#over
  }

  /** May be called twice. */
  end(): void {
    this.#over = true
    this.#end()
  }

  /** `work`, as seen by this life: it is never settled once the life is over. */
  bound<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => {
          if (!this.#over) resolve(value)
        },
        (error: unknown) => {
          if (!this.#over) reject(error)
        },
      )
    })
  }

  /** `clock`, as seen by this life. */
  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      elapsed: () => clock.elapsed(),
      sleep: (durationMs, signal) => this.bound(clock.sleep(durationMs, signal)),
    }
  }
}

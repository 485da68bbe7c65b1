import { createHash } from "node:crypto"

/** All that happened in a run, as a hash: two runs with the same hash were the same. */
export class Trace {
  readonly #hash = createHash("sha256")
  readonly #onEvent: (event: string) => void

  /** `onEvent` is told of each event too. */
  constructor(onEvent: (event: string) => void) {
    this.#onEvent = onEvent
  }

  /** Of all events so far. */
  get hash(): string {
    return this.#hash.copy().digest("hex").slice(0, 16)
  }

  /** `atMs` is the virtual time since the beginning of the run. */
  add(atMs: number, event: string): void {
    const line = `${atMs.toFixed(3)} ${event}`
    this.#hash.update(`${line}\n`)
    this.#onEvent(line)
  }
}

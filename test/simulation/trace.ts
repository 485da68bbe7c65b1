import { createHash } from "node:crypto"

/** All that happened in a run, as a hash: two runs with the same hash were the same. */
export class Trace {
  readonly #hash = createHash("sha256")

  add(event: string): void {
    this.#hash.update(`${event}\n`)
  }

  /** Of all events so far. */
  get hash(): string {
    return this.#hash.copy().digest("hex").slice(0, 16)
  }
}

import type { Random } from "../platform/index.ts"

/** A multiple of three: in base64 there is nothing between one id and the next. */
const idBytes = 72
const idCharacters = 96
const drawnCount = 64

/** Makes the values of x-amz-id-2: 72 random bytes in base64. They are drawn many at a time, which costs little more than one. */
export class ExtendedIds {
  readonly #random: Random
  #drawn = ""
  #at = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** One that was never given out. */
  next(): string {
    if (this.#at === this.#drawn.length) {
      this.#drawn = this.#random.bytes(idBytes * drawnCount).toString("base64")
      this.#at = 0
    }
    const start = this.#at
    this.#at += idCharacters
    return this.#drawn.slice(start, this.#at)
  }
}

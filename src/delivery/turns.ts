/** Lets no more than so many go on at a time, in the order in which they asked. */
export class Turns {
  #free: number
  readonly #line: (() => void)[] = []

  constructor(countMax: number) {
    this.#free = countMax
  }

  /** Does `work` when it is its turn. */
  async take<Done>(work: () => Promise<Done>): Promise<Done> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#line.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#line.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}

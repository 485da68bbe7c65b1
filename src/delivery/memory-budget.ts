/**
 * Bounds the memory of all attempts together: each takes its share before it begins, and gives it back at its end. Who
 * comes when nothing is left waits in line. So a store that hangs costs time, and no more memory than one that answers.
 */
export class MemoryBudget {
  readonly #totalBytes: number
  #freeBytes: number
  readonly #line: { readonly bytes: number; admit(): void }[] = []

  constructor(totalBytes: number) {
    this.#totalBytes = totalBytes
    this.#freeBytes = totalBytes
  }

  /**
   * Resolves with the function that gives the share back, once it is there; with undefined when `signal` ends the wait. A
   * share larger than all there is counts as all there is.
   */
  take(bytes: number, signal: AbortSignal): Promise<(() => void) | undefined> {
    const share = Math.min(bytes, this.#totalBytes)
    return new Promise((resolve) => {
      const leave = () => {
        this.#line.splice(this.#line.indexOf(place), 1)
        resolve(undefined)
        this.#admit()
      }
      const place = {
        bytes: share,
        admit: () => {
          signal.removeEventListener("abort", leave)
          resolve(() => this.#giveBack(share))
        },
      }
      if (signal.aborted) return resolve(undefined)
      signal.addEventListener("abort", leave, { once: true })
      this.#line.push(place)
      this.#admit()
    })
  }

  #giveBack(bytes: number) {
    this.#freeBytes += bytes
    this.#admit()
  }

  /** Lets in those at the head of the line for whom there is enough; a large one is not passed by small ones. */
  #admit() {
    for (let first = this.#line[0]; first !== undefined && first.bytes <= this.#freeBytes; first = this.#line[0]) {
      this.#line.shift()
      this.#freeBytes -= first.bytes
      first.admit()
    }
  }
}

/**
 * Bounds the memory of all attempts together: each takes its share before it begins, and gives it back at its end.
 *
 * Who shares it are the stores that are delivered to. A store never holds more than what is left free for others, but it
 * gets a first share whenever that fits: so one that hangs takes half of the memory at most, a second one half of the rest,
 * and the others go on. Within a store, shares are given in the order in which they were asked for.
 */
export class SharedMemory {
  readonly #totalBytes: number
  #freeBytes: number
  /** By store: only those that hold memory, or wait for it. */
  readonly #holders = new Map<string, Holder>()

  constructor(totalBytes: number) {
    this.#totalBytes = totalBytes
    this.#freeBytes = totalBytes
  }

  /**
   * Resolves with the function that gives the share back, once it is there; with undefined when `signal` ends the wait. A
   * share larger than all there is counts as all there is.
   */
  take(store: string, bytes: number, signal: AbortSignal): Promise<(() => void) | undefined> {
    const share = Math.min(bytes, this.#totalBytes)
    const holder = this.#holders.get(store) ?? { heldBytes: 0, line: [] }
    return new Promise((resolve) => {
      const leave = () => {
        holder.line.splice(holder.line.indexOf(place), 1)
        resolve(undefined)
        this.#admit()
      }
      const place = {
        bytes: share,
        admit: () => {
          signal.removeEventListener("abort", leave)
          resolve(() => {
            holder.heldBytes -= share
            this.#freeBytes += share
            this.#admit()
          })
        },
      }
      if (signal.aborted) return resolve(undefined)
      signal.addEventListener("abort", leave, { once: true })
      this.#holders.set(store, holder)
      holder.line.push(place)
      this.#admit()
    })
  }

  /** Lets in those at the heads of the lines for whom there is enough: one of each store in turn. */
  #admit() {
    for (let isAdmitting = true; isAdmitting; ) {
      isAdmitting = false
      for (const [store, holder] of this.#holders) {
        const [first] = holder.line
        if (first !== undefined && this.#isEnoughFor(holder, first.bytes)) {
          holder.line.shift()
          holder.heldBytes += first.bytes
          this.#freeBytes -= first.bytes
          first.admit()
          isAdmitting = true
        }
        if (holder.heldBytes === 0 && holder.line.length === 0) this.#holders.delete(store)
      }
    }
  }

  #isEnoughFor({ heldBytes }: Holder, bytes: number): boolean {
    const leftBytes = this.#freeBytes - bytes
    return leftBytes >= 0 && (heldBytes === 0 || heldBytes + bytes <= leftBytes)
  }
}

interface Holder {
  heldBytes: number
  readonly line: { readonly bytes: number; admit(): void }[]
}

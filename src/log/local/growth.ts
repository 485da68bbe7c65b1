import type { Position } from "../log.ts"

/** Lets those know, or wait, who want a partition to be longer than it is. */
export class Growth {
  readonly #end: () => Position
  readonly #waiters = new Set<() => void>()

  constructor(end: () => Position) {
    this.#end = end
  }

  /** Has all who wait look again. */
  wake(): void {
    for (const waiter of [...this.#waiters]) waiter()
  }

  /** Calls `listener` at each wake, until the function is called that it answers. */
  listen(listener: () => void): () => void {
    // A function of its own: somebody else may give the same listener.
    const waiter = () => listener()
    this.#waiters.add(waiter)
    return () => void this.#waiters.delete(waiter)
  }

  /** Resolves when the end is beyond `position`, or when `signal` is aborted. */
  async waitBeyond(position: Position, signal: AbortSignal): Promise<void> {
    while (this.#end() <= position && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#waiters.delete(done)
          signal.removeEventListener("abort", done)
          resolve()
        }
        this.#waiters.add(done)
        signal.addEventListener("abort", done, { once: true })
      })
    }
  }
}

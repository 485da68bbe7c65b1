/** How much is done in one go: some milliseconds of the slowest step. */
const bytesMax = 512 * 1024

/** Keeps a loop over many records from holding up everything else on its thread. */
export class Pauses {
  #bytes = 0

  /** Says that so many bytes come next: whether to pause before. */
  areDue(sizeBytes: number): boolean {
    const isDue = this.#bytes + sizeBytes > bytesMax && this.#bytes > 0
    this.#bytes = isDue ? sizeBytes : this.#bytes + sizeBytes
    return isDue
  }

  /** Lets others have their turn. */
  take(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }
}

/**
 * A bound on the bytes that many requests hold together. It counts what has come in, not what was announced: a client
 * that announces much and sends little takes nothing from the others.
 */
export class ByteBudget {
  readonly #bytesMax: number
  #takenBytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Takes so many bytes; false when there are not as many left, and then none is taken. */
  take(sizeBytes: number): boolean {
    if (this.#takenBytes + sizeBytes > this.#bytesMax) return false
    this.#takenBytes += sizeBytes
    return true
  }

  giveBack(sizeBytes: number): void {
    this.#takenBytes -= sizeBytes
  }
}

/** Takes bytes that come in chunks of any size in the pieces that a format is made of. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array(0)
  #at = 0

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#source = bytes[Symbol.asyncIterator]()
  }

  /**
   * The next `sizeBytes` bytes, as a copy; undefined when the end is here.
   * @throws Error when there are some, and fewer
   */
  async take(sizeBytes: number): Promise<Buffer | undefined> {
    const taken = Buffer.allocUnsafe(sizeBytes)
    let filledBytes = 0
    while (filledBytes < sizeBytes) {
      if (this.#at === this.#chunk.byteLength && !(await this.#next())) {
        if (filledBytes === 0) return undefined
        throw new Error(`the data ends early: ${filledBytes} bytes where ${sizeBytes} are needed`)
      }
      const piece = this.#chunk.subarray(this.#at, this.#at + sizeBytes - filledBytes)
      taken.set(piece, filledBytes)
      filledBytes += piece.byteLength
      this.#at += piece.byteLength
    }
    return taken
  }

  /** As `take`, where the end must not be. */
  async require(sizeBytes: number): Promise<Buffer> {
    const taken = await this.take(sizeBytes)
    if (taken === undefined && sizeBytes > 0) throw new Error("the data ends early")
    return taken ?? Buffer.alloc(0)
  }

  /** What was not taken yet, in the chunks in which it comes. */
  async *rest(): AsyncGenerator<Uint8Array> {
    if (this.#at < this.#chunk.byteLength) yield this.#chunk.subarray(this.#at)
    this.#at = this.#chunk.byteLength
    while (await this.#next()) {
      this.#at = this.#chunk.byteLength
      yield this.#chunk
    }
  }

  /** Lets go of the source. */
  async close(): Promise<void> {
    await this.#source.return?.()
  }

  async #next(): Promise<boolean> {
    do {
      const next = await this.#source.next()
      if (next.done) return false
      this.#chunk = next.value
      this.#at = 0
    } while (this.#chunk.byteLength === 0)
    return true
  }
}

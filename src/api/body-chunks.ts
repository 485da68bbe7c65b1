/** Chunks below this size are copied together: of a body that comes byte by byte each would take a hundred times its size. */
const smallBytes = 2048
const blockBytes = 4096
const nothing = Buffer.alloc(0)

/** The chunks of a body until it is whole. They take at most three times the memory of what has come in, mostly once. */
export class BodyChunks {
  readonly #chunks: Buffer[] = []
  /** Where small chunks are copied to, and how far it is filled. */
  #block = nothing
  #filledBytes = 0
  #sizeBytes = 0

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  add(chunk: Buffer): void {
    this.#sizeBytes += chunk.length
    const isSmall = chunk.length < smallBytes
    if (!isSmall || this.#filledBytes + chunk.length > this.#block.length) this.#endBlock()
    if (!isSmall) {
      this.#chunks.push(chunk)
      return
    }
    if (this.#block.length === 0) this.#block = Buffer.allocUnsafeSlow(blockBytes)
    this.#filledBytes += chunk.copy(this.#block, this.#filledBytes)
  }

  /** All of it in one piece: as it came, or copied to what `take` gives for so many bytes. Nothing is added any more. */
  joined(take: (sizeBytes: number) => Buffer = Buffer.allocUnsafe): Buffer {
    this.#endBlock()
    const [first] = this.#chunks
    if (first !== undefined && this.#chunks.length === 1) return first
    const target = take(this.#sizeBytes)
    let end = 0
    for (const chunk of this.#chunks) end += chunk.copy(target, end)
    return target.subarray(0, end)
  }

  #endBlock() {
    if (this.#filledBytes > 0) this.#chunks.push(this.#block.subarray(0, this.#filledBytes))
    this.#block = nothing
    this.#filledBytes = 0
  }
}

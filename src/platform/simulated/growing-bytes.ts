/** Bytes with a size that can change, as a file has them: what is skipped over reads as zeros. */
export class GrowingBytes {
  /** Beyond `#sizeBytes` it holds zeros only. */
  #buffer: Buffer
  #sizeBytes: number

  constructor(content: Uint8Array = Buffer.alloc(0)) {
    this.#buffer = Buffer.from(content)
    this.#sizeBytes = content.byteLength
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  copy(): GrowingBytes {
    return new GrowingBytes(this.#buffer.subarray(0, this.#sizeBytes))
  }

  /** Fills `target` as far as there are bytes; returns how many there were. */
  read(target: Uint8Array, offset: number): number {
    const source = this.#buffer.subarray(offset, Math.min(offset + target.byteLength, this.#sizeBytes))
    target.set(source)
    return source.byteLength
  }

  write(bytes: Uint8Array, offset: number): void {
    this.growTo(offset + bytes.byteLength)
    this.#buffer.set(bytes, offset)
  }

  /** Nothing happens when it is that large already. */
  growTo(sizeBytes: number): void {
    if (sizeBytes > this.#buffer.byteLength) {
      const larger = Buffer.alloc(Math.max(sizeBytes, 2 * this.#buffer.byteLength))
      this.#buffer.copy(larger, 0, 0, this.#sizeBytes)
      this.#buffer = larger
    }
    this.#sizeBytes = Math.max(this.#sizeBytes, sizeBytes)
  }

  resize(sizeBytes: number): void {
    if (sizeBytes < this.#sizeBytes) this.#buffer.fill(0, sizeBytes, this.#sizeBytes)
    this.growTo(sizeBytes)
    this.#sizeBytes = sizeBytes
  }

  flipBit(offset: number, bit: number): void {
    this.#buffer.writeUInt8(this.#buffer.readUInt8(offset) ^ (1 << bit), offset)
  }
}

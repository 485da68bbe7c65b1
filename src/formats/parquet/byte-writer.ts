/** Bytes that are appended one after the other, in memory that grows and is used again. */
export class ByteWriter {
  #memory = new Uint8Array(1024)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** All that was written. Good until something more is. */
  get written(): Uint8Array {
    return this.#memory.subarray(0, this.#length)
  }

  clear() {
    this.#length = 0
  }

  /** Appends so many bytes for the caller to fill, every one of them: they hold anything. Good until something more is written. */
  extend(byteCount: number): Uint8Array {
    const start = this.#length
    this.#reserve(byteCount)
    this.#length += byteCount
    return this.#memory.subarray(start, this.#length)
  }

  writeByte(byte: number) {
    this.#reserve(1)
    this.#memory[this.#length++] = byte
  }

  writeBytes(bytes: Uint8Array) {
    this.extend(bytes.length).set(bytes)
  }

  /** Writes what `write` writes, with its length before it as int32, little-endian. */
  writeWithLength(write: () => void) {
    const start = this.#length
    this.extend(4)
    write()
    new DataView(this.#memory.buffer).setInt32(start, this.#length - start - 4, true)
  }

  /** An unsigned LEB128: seven bits a byte, the lowest first. For integers from 0 that a double holds exactly. */
  writeVarint(value: number) {
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.writeByte((rest % 128) + 128)
    this.writeByte(rest)
  }

  #reserve(byteCount: number) {
    const needed = this.#length + byteCount
    if (needed <= this.#memory.length) return
    const larger = new Uint8Array(Math.max(needed, 2 * this.#memory.length))
    larger.set(this.#memory.subarray(0, this.#length))
    this.#memory = larger
  }
}

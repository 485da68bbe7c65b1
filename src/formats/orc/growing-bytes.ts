/**
 * Bytes that are written one after the other. What writes many takes the memory itself:
 *
 *     out.reserve(count)
 *     const { bytes } = out
 *     bytes[out.length++] = ...
 */
export class GrowingBytes {
  /** Behind `length` there is room. Good until the next `reserve`. */
  bytes: Uint8Array = new Uint8Array(256)
  length = 0

  /** Makes room for so many more. */
  reserve(count: number) {
    const lengthMin = this.length + count
    if (lengthMin <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(lengthMin, 2 * this.bytes.length))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }

  append(byte: number) {
    this.reserve(1)
    this.bytes[this.length++] = byte
  }

  /** Good until something is appended. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }
}

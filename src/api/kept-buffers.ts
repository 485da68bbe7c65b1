/**
 * Buffers of one size that are used again and again: a fresh one of a hundred kilobytes is mapped by the system page by page,
 * which takes longer than filling it. One that is not given back is left to the garbage collector.
 */
export class KeptBuffers {
  readonly #bufferBytes: number
  readonly #countMax: number
  readonly #free: ArrayBufferLike[] = []
  readonly #own = new WeakSet<ArrayBufferLike>()

  constructor({ bufferBytes, countMax }: { readonly bufferBytes: number; readonly countMax: number }) {
    this.#bufferBytes = bufferBytes
    this.#countMax = countMax
  }

  /** A buffer of at least so many bytes with anything in it. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes > this.#bufferBytes) return Buffer.allocUnsafeSlow(sizeBytes)
    const free = this.#free.pop()
    if (free !== undefined) return Buffer.from(free)
    const fresh = Buffer.allocUnsafeSlow(this.#bufferBytes)
    this.#own.add(fresh.buffer)
    return fresh
  }

  /** Takes back the buffer that these bytes lie in, once, when nobody looks at it any more. Others are left alone. */
  giveBack({ buffer }: Uint8Array): void {
    if (this.#own.has(buffer) && this.#free.length < this.#countMax) this.#free.push(buffer)
  }
}

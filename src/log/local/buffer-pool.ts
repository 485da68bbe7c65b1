/**
 * A few large buffers, used again and again by all partitions: a fresh one for each write or read keeps the garbage
 * collector busier than anything else on the way of a put or a delivery. Who comes when all are in use gets a fresh one.
 */
export class BufferPool {
  readonly #bufferBytes: number
  readonly #countMax: number
  readonly #free: Buffer[] = []
  readonly #own = new Set<Buffer>()

  constructor({ bufferBytes, countMax }: { readonly bufferBytes: number; readonly countMax: number }) {
    this.#bufferBytes = bufferBytes
    this.#countMax = countMax
  }

  /** A buffer of at least `sizeBytes` with anything in it. Give it back when nobody looks at it any more. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes > this.#bufferBytes) return Buffer.allocUnsafeSlow(sizeBytes)
    return this.#free.pop() ?? this.#make() ?? Buffer.allocUnsafeSlow(sizeBytes)
  }

  giveBack(buffer: Buffer): void {
    if (this.#own.has(buffer)) this.#free.push(buffer)
  }

  #make(): Buffer | undefined {
    if (this.#own.size >= this.#countMax) return undefined
    const buffer = Buffer.allocUnsafeSlow(this.#bufferBytes)
    this.#own.add(buffer)
    return buffer
  }
}

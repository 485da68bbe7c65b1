/** Partitions of one stream that hold records which are not delivered: spec/buffering.md, section 4. */
export class ActivePartitions {
  readonly countMax: number
  /** How many buffers and batches each has. */
  readonly #holds = new Map<string, number>()

  #exceeded = false
  #bytes = 0
  #askedMs: number | undefined

  constructor(countMax: number) {
    this.countMax = countMax
  }

  get count(): number {
    return this.#holds.size
  }

  /** Records were refused since it was asked last. */
  get exceeded(): boolean {
    const exceeded = this.#exceeded
    this.#exceeded = false
    return exceeded
  }

  /** A record would have needed one more. */
  exceed(): void {
    this.#exceeded = true
  }

  has(id: string): boolean {
    return this.#holds.has(id)
  }

  /** Records of so many bytes were put into one of them. */
  add(bytes: number): void {
    this.#bytes += bytes
  }

  /** Bytes per second that each took since it was asked last, at `nowMs` by any clock; undefined the first time. */
  throughput(nowMs: number): number | undefined {
    const seconds = (nowMs - (this.#askedMs ?? nowMs)) / 1000
    const bytes = this.#bytes
    this.#askedMs = nowMs
    this.#bytes = 0
    return seconds === 0 ? undefined : bytes / seconds / Math.max(1, this.count)
  }

  hold(id: string): void {
    this.#holds.set(id, (this.#holds.get(id) ?? 0) + 1)
  }

  release(id: string): void {
    const left = (this.#holds.get(id) ?? 0) - 1
    if (left > 0) this.#holds.set(id, left)
    else this.#holds.delete(id)
  }
}

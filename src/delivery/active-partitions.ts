/** AWS tells its metrics each minute. */
const windowMs = 60_000

interface Window {
  readonly sinceMs: number
  bytes: number
}

/**
 * Partitions of one stream that hold records which are not delivered: spec/buffering.md, section 4. All times are those of
 * `Clock.elapsed`.
 */
export class ActivePartitions {
  readonly countMax: number
  /** How many buffers and batches each has. */
  readonly #holds = new Map<string, number>()
  #exceededMs: number | undefined
  #window: Window = { sinceMs: 0, bytes: 0 }
  #windowBefore: Window | undefined

  constructor(countMax: number) {
    this.countMax = countMax
  }

  get count(): number {
    return this.#holds.size
  }

  has(id: string): boolean {
    return this.#holds.has(id)
  }

  hold(id: string): void {
    this.#holds.set(id, (this.#holds.get(id) ?? 0) + 1)
  }

  release(id: string): void {
    const left = (this.#holds.get(id) ?? 0) - 1
    if (left > 0) this.#holds.set(id, left)
    else this.#holds.delete(id)
  }

  /** A record would have needed one more. */
  exceed(nowMs: number): void {
    this.#exceededMs = nowMs
  }

  /** Whether that was so in the last minute. */
  hasExceeded(nowMs: number): boolean {
    return this.#exceededMs !== undefined && nowMs - this.#exceededMs < windowMs
  }

  /** Records of so many bytes were put into one of them. */
  add(bytes: number, nowMs: number): void {
    this.#turn(nowMs)
    this.#window.bytes += bytes
  }

  /** Bytes per second that each took in the last whole minute; undefined when there was none yet. */
  throughput(nowMs: number): number | undefined {
    this.#turn(nowMs)
    const before = this.#windowBefore
    if (before === undefined) return undefined
    return before.bytes / ((this.#window.sinceMs - before.sinceMs) / 1000) / Math.max(1, this.count)
  }

  #turn(nowMs: number) {
    if (nowMs - this.#window.sinceMs < windowMs) return
    this.#windowBefore = this.#window
    this.#window = { sinceMs: nowMs, bytes: 0 }
  }
}

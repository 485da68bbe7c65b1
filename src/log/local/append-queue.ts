import type { Clock } from "../../platform/index.ts"
import { AppendError, type Appended, type RecordBatch } from "../log.ts"
import { frameSizeBytes } from "./frame.ts"

/** A batch that waits to be durable. */
export interface Waiting {
  readonly batch: RecordBatch
  readonly sizeBytes: number
  /** By `Clock.elapsed`. */
  readonly sinceMs: number
  resolve(appended: Appended): void
  reject(error: AppendError): void
}

/** Bytes of batches that wait for the disk, of all partitions of a log together: what a slow disk may cost of memory. */
export class QueuedBytes {
  readonly #bytesMax: number
  #bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /**
   * One batch may always wait, however few bytes may: else the largest could never be stored.
   * @throws AppendError when they are too many
   */
  add(sizeBytes: number): void {
    if (this.#bytes > 0 && this.#bytes + sizeBytes > this.#bytesMax) {
      throw new AppendError("full", `${this.#bytes} bytes wait for the disk, and no more than ${this.#bytesMax} may`)
    }
    this.#bytes += sizeBytes
  }

  remove(sizeBytes: number): void {
    this.#bytes -= sizeBytes
  }
}

export interface AppendQueueOptions {
  readonly clock: Clock
  /** Of the partition, for messages. */
  readonly folder: string
  readonly queued: QueuedBytes
  /** Nothing more is taken while a batch has waited for longer. */
  readonly ageMsMax: number
}

/** The batches of one partition that are not durable yet, in the order in which they came. */
export class AppendQueue {
  readonly #options: AppendQueueOptions
  #underWay: readonly Waiting[] = []
  #waiting: Waiting[] = []

  constructor(options: AppendQueueOptions) {
    this.#options = options
  }

  /** Whether any batch waits whose group was not taken yet. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /**
   * Takes a batch; resolves, or rejects, as the one who writes it says. Refused are more bytes than may wait, and all while
   * the disk hangs: who is told so can try elsewhere or later, and who waits with it runs into a time-out.
   * @throws AppendError
   */
  add(batch: RecordBatch): Promise<Appended> {
    const { clock, queued } = this.#options
    const sinceMs = clock.elapsed()
    return new Promise((resolve, reject) => {
      this.#refuseWhenOld(sinceMs)
      const sizeBytes = frameSizeBytes(batch, undefined)
      queued.add(sizeBytes)
      this.#waiting.push({ batch, sizeBytes, sinceMs, resolve, reject })
    })
  }

  #refuseWhenOld(nowMs: number): void {
    const { ageMsMax, folder } = this.#options
    const oldest = this.#underWay[0] ?? this.#waiting[0]
    const ageMs = oldest === undefined ? 0 : nowMs - oldest.sinceMs
    if (ageMs <= ageMsMax) return
    throw new AppendError(
      "full",
      `A write to "${folder}" has been under way for ${Math.floor(ageMs / 1000)} s: the disk hangs or can't keep up. ` +
        "Look at what else uses it, and at the kernel's messages; puts go on by themselves when it does",
    )
  }

  /** The next batches to write together: at least one, and as many more as come to `sizeBytesMax`. Ended by `finish`. */
  take(sizeBytesMax: number): readonly Waiting[] {
    let sizeBytes = 0
    let count = 0
    for (const waiting of this.#waiting) {
      if (count > 0 && sizeBytes + waiting.sizeBytes > sizeBytesMax) break
      sizeBytes += waiting.sizeBytes
      count++
    }
    this.#underWay = this.#waiting.splice(0, count)
    return this.#underWay
  }

  /** The group that was taken last is answered. */
  finish(): void {
    for (const { sizeBytes } of this.#underWay) this.#options.queued.remove(sizeBytes)
    this.#underWay = []
  }
}

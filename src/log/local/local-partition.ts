import type { Clock, Disk, DiskFile, Random } from "../../platform/index.ts"
import { removeIfThere } from "../../platform/index.ts"
import {
  AppendError,
  type Appended,
  advance,
  type Damage,
  type Frame,
  type FrameKeys,
  type LogPartition,
  type Position,
  type ReadResult,
  type RecordBatch,
} from "../log.ts"
import type { BufferPool } from "./buffer-pool.ts"
import { frameSizeBytes, writeFrame } from "./frame.ts"
import { PlaceIndex } from "./place-index.ts"
import { type ReadableSegment, readSegment } from "./read-segment.ts"
import { type Recovered, recover, type SealedSegment } from "./recover.ts"
import { createSegmentFile, segmentHeaderBytes, segmentPath } from "./segment-file.ts"

/** What the partitions of one log share. */
export interface PartitionWorld {
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly limits: LocalLogLimits
  readonly buffers: BufferPool
}

interface PartitionParts extends PartitionWorld {
  readonly keys: FrameKeys
}

export interface LocalLogLimits {
  /** A segment that has grown to this many bytes is followed by a new one. */
  readonly segmentBytesMax: number
  /** A segment that was begun this long ago is followed by a new one. */
  readonly segmentAgeMsMax: number
  /** Bytes of batches that may wait for the disk; more are refused. */
  readonly queueBytesMax: number
}

/** Bytes of one write: more batches than fit wait for the next one. */
export const groupBytesMax = 8 * 1024 * 1024
const clockCorrectionMsMax = 2000
/** A segment whose records are all trimmed is let go once it has this many bytes; below, it is not worth three syncs. */
const sealTrimmedBytes = 1024 * 1024

interface Waiting {
  readonly batch: RecordBatch
  readonly sizeBytes: number
  resolve(appended: Appended): void
  reject(error: AppendError): void
}

/** The segment that is being written. Its bytes up to `sizeBytes` are durable. */
interface ActiveSegment {
  readonly file: DiskFile
  readonly base: Position
  readonly createdMs: number
  readonly salt: number
  readonly places: PlaceIndex
  sizeBytes: number
}

/** A partition in segment files of one folder. */
export class LocalPartition implements LogPartition {
  readonly #disk: Disk
  readonly #folder: string
  readonly #clock: Clock
  readonly #random: Random
  readonly #limits: LocalLogLimits
  readonly #buffers: BufferPool
  readonly #keys: FrameKeys
  #sealed: SealedSegment[]
  #active: ActiveSegment | undefined
  #end: Position
  #lastArrivalMs = 0
  #queue: Waiting[] = []
  #queuedBytes = 0
  #writeScheduled = false
  #closed = false
  /** The last piece of work on the segments: writes, trims and closing happen one after the other. */
  #work: Promise<void> = Promise.resolve()
  readonly #waiters = new Set<() => void>()

  /** Opens the partition in `folder`, making it when there is none. `notes` are for the operator. */
  static async open(world: PartitionParts, folder: string) {
    await world.disk.makeFolder(folder)
    const recovered = await recover(world.disk, folder)
    return { partition: new LocalPartition(world, folder, recovered), notes: recovered.notes }
  }

  private constructor(
    { disk, clock, random, limits, buffers, keys }: PartitionParts,
    folder: string,
    recovered: Recovered,
  ) {
    this.#disk = disk
    this.#folder = folder
    this.#clock = clock
    this.#random = random
    this.#limits = limits
    this.#buffers = buffers
    this.#keys = keys
    this.#sealed = [...recovered.segments]
    this.#end = recovered.end
  }

  get start() {
    return this.#sealed[0]?.base ?? this.#active?.base ?? this.#end
  }

  get end() {
    return this.#end
  }

  get storedBytes() {
    return this.#sealed.reduce((sum, segment) => sum + segment.sizeBytes, this.#active?.sizeBytes ?? 0)
  }

  append(batch: RecordBatch): Promise<Appended> {
    if (this.#closed) return Promise.reject(new AppendError("closed", `The log in "${this.#folder}" is closed`))
    const sizeBytes = frameSizeBytes(batch)
    if (this.#queuedBytes + sizeBytes > this.#limits.queueBytesMax) {
      const message = `${this.#queuedBytes} bytes wait for the disk, and no more than ${this.#limits.queueBytesMax} may`
      return Promise.reject(new AppendError("full", message))
    }
    this.#queuedBytes += sizeBytes
    return new Promise((resolve, reject) => {
      this.#queue.push({ batch, sizeBytes, resolve, reject })
      this.#writeSoon()
    })
  }

  async read(from: Position, maxBytes: number): Promise<ReadResult> {
    const damage: Damage[] = []
    const frames: Frame[] = []
    let next = from
    if (next < this.start) {
      damage.push({ from: next, to: this.start, reason: "the segments that held them are gone" })
      next = this.start
    }
    for (const segment of this.#segmentsFrom(next)) {
      const result = await readSegment(this.#disk, this.#folder, segment, next, Math.max(1, maxBytes))
      frames.push(...result.frames)
      damage.push(...result.damage)
      next = result.next
      if (frames.length > 0) break
    }
    return { frames, damage, next }
  }

  async waitBeyond(position: Position, signal: AbortSignal) {
    while (this.#end <= position && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#waiters.delete(done)
          signal.removeEventListener("abort", done)
          resolve()
        }
        this.#waiters.add(done)
        signal.addEventListener("abort", done, { once: true })
      })
    }
  }

  trim(position: Position): Promise<void> {
    return this.#inTurn(async () => {
      // Positions up to there were used in an earlier life, whatever the disk has lost of them: never use them again.
      if (position > this.#end) {
        await this.#seal()
        this.#end = position
      }
      const active = this.#active
      if (active !== undefined && position >= this.#end && active.sizeBytes >= sealTrimmedBytes) await this.#roll()
      for (;;) {
        const [first, second] = this.#sealed
        const firstEnd = second?.base ?? this.#active?.base
        if (first === undefined || firstEnd === undefined || firstEnd > position) return
        await removeIfThere(this.#disk, segmentPath(this.#folder, first.base))
        this.#sealed.shift()
      }
    })
  }

  /** Refuses further appends, lets those that wait be written, and closes the file. */
  close(): Promise<void> {
    this.#closed = true
    return this.#inTurn(async () => {
      while (this.#queue.length > 0) await this.#writeGroup(this.#takeGroup())
      await this.#seal()
    })
  }

  // ---- writing

  /** Has what waits written in one group. While it is synced, the next group fills: nobody waits for a timer. */
  #writeSoon() {
    if (this.#writeScheduled) return
    this.#writeScheduled = true
    void this.#inTurn(async () => {
      this.#writeScheduled = false
      // Closing may have written what waited.
      if (this.#queue.length > 0) await this.#writeGroup(this.#takeGroup())
      if (this.#queue.length > 0) this.#writeSoon()
    })
  }

  #takeGroup(): Waiting[] {
    let sizeBytes = 0
    let count = 0
    for (const waiting of this.#queue) {
      if (count > 0 && sizeBytes + waiting.sizeBytes > groupBytesMax) break
      sizeBytes += waiting.sizeBytes
      count++
    }
    return this.#queue.splice(0, count)
  }

  /** Makes a group of batches durable with one write and one sync, and answers them all; or refuses them all. */
  async #writeGroup(group: readonly Waiting[]) {
    const sizeBytes = group.reduce((sum, waiting) => sum + waiting.sizeBytes, 0)
    try {
      const appended = await this.#store(group, sizeBytes)
      for (const [index, waiting] of group.entries()) {
        const one = appended[index]
        if (one !== undefined) waiting.resolve(one)
      }
      this.#wake()
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      const message = `Cannot store records in "${this.#folder}": ${reason}`
      for (const waiting of group) waiting.reject(new AppendError("full", message, { cause }))
    } finally {
      this.#queuedBytes -= sizeBytes
    }
  }

  async #store(group: readonly Waiting[], sizeBytes: number): Promise<Appended[]> {
    // Sealing comes next; until then what must be sealed is refused.
    if (this.#keys.sealing.kind !== "clear") throw new Error("Sealing is not there yet")
    const active = await this.#segmentToWrite()
    const buffer = this.#buffers.take(sizeBytes)
    try {
      return await this.#storeIn(active, group, buffer.subarray(0, sizeBytes))
    } finally {
      this.#buffers.giveBack(buffer)
    }
  }

  /** Writes a group by way of `bytes`, which has exactly its size. */
  async #storeIn(active: ActiveSegment, group: readonly Waiting[], bytes: Buffer): Promise<Appended[]> {
    const { salt } = active
    const appended: Appended[] = []
    const arrivalMs = this.#arrivalMs()
    let position = this.#end
    let offset = 0
    for (const { batch } of group) {
      offset = writeFrame(bytes, offset, batch, { position, arrivalMs, groupOffset: active.sizeBytes, salt })
      appended.push({ position, arrivalMs, sealed: false })
      position = advance(position, batch.lengths.length)
    }
    await this.#writeDurably(active, bytes)
    active.places.add({ position: this.#end, offset: active.sizeBytes })
    active.sizeBytes += bytes.length
    this.#lastArrivalMs = arrivalMs
    this.#end = position
    return appended
  }

  /**
   * Never going back, so that the oldest record of a range is its first; unless the clock was set back by more than it is
   * ever corrected by while it is right.
   */
  #arrivalMs(): number {
    const nowMs = this.#clock.now()
    return nowMs < this.#lastArrivalMs - clockCorrectionMsMax ? nowMs : Math.max(nowMs, this.#lastArrivalMs)
  }

  /**
   * After a failed write the segment is cut back to its durable end. After a failed sync, or when it can't be cut, it is
   * never written again: what the system kept of it in memory can't be trusted. The next group begins a new segment.
   */
  async #writeDurably(active: ActiveSegment, bytes: Buffer) {
    try {
      await active.file.write([bytes], active.sizeBytes)
    } catch (error) {
      try {
        await active.file.truncate(active.sizeBytes)
      } catch {
        // The write's own failure is the one to tell; the segment is abandoned, as after a failed sync.
        await this.#seal()
      }
      throw error
    }
    try {
      await active.file.sync()
    } catch (error) {
      await this.#seal()
      throw error
    }
  }

  async #segmentToWrite(): Promise<ActiveSegment> {
    const active = this.#active
    if (active === undefined) return this.#roll()
    const isFull = active.sizeBytes >= this.#limits.segmentBytesMax
    const isOld = this.#clock.now() - active.createdMs >= this.#limits.segmentAgeMsMax
    return this.#end > active.base && (isFull || isOld) ? this.#roll() : active
  }

  /** Begins a new segment at the end. */
  async #roll(): Promise<ActiveSegment> {
    await this.#seal()
    const base = this.#end
    const createdMs = this.#clock.now()
    const salt = this.#random.bytes(4).readUInt32LE()
    const file = await createSegmentFile(this.#disk, this.#folder, { base, createdMs, salt })
    // One with the same base holds no record: the new file has replaced it.
    if (this.#sealed.at(-1)?.base === base) this.#sealed.pop()
    this.#active = { file, base, createdMs, salt, places: new PlaceIndex(), sizeBytes: segmentHeaderBytes }
    return this.#active
  }

  /** Ends the segment that is being written, if there is one. */
  async #seal() {
    const active = this.#active
    if (active === undefined) return
    this.#active = undefined
    this.#sealed.push({ base: active.base, sizeBytes: active.sizeBytes, places: active.places })
    await active.file.close()
  }

  #wake() {
    for (const waiter of [...this.#waiters]) waiter()
  }

  /** Runs `work` after all earlier work on the segments. Its failure is the caller's; later work goes on. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#work.then(work)
    this.#work = result.then(
      () => undefined,
      () => undefined,
    )
    return result
  }

  // ---- reading

  /** The segments that hold durable positions from `from` on. */
  #segmentsFrom(from: Position): ReadableSegment[] {
    const all = this.#active === undefined ? this.#sealed : [...this.#sealed, this.#active]
    return all
      .map(({ base, sizeBytes, places }, index) => ({
        base,
        sizeBytes,
        places,
        end: all[index + 1]?.base ?? this.#end,
      }))
      .filter((segment) => segment.end > from)
  }
}

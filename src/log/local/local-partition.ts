import { setImmediate as turn } from "node:timers/promises"
import type { Clock, Disk, Random } from "../../platform/index.ts"
import { removeIfThere } from "../../platform/index.ts"
import {
  AppendError,
  type Appended,
  advance,
  type FrameKey,
  type FrameKeys,
  type LogPartition,
  type Position,
  type ReadingKeys,
  type RecordBatch,
  type SharedPartition,
} from "../log.ts"
import { AppendQueue, type QueuedBytes, type Waiting } from "./append-queue.ts"
import type { BufferPool } from "./buffer-pool.ts"
import { frameSizeBytes, writeFrame } from "./frame.ts"
import { Growth } from "./growth.ts"
import { extentOf, PartitionFiles, type StoredSegments } from "./partition-files.ts"
import { type FinishedSegment, type Recovered, recover } from "./recover.ts"
import { segmentPath } from "./segment-file.ts"
import { SegmentWriter } from "./segment-writer.ts"

/** What the partitions of one log share. */
export interface PartitionWorld {
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly limits: LocalLogLimits
  readonly writeBuffers: BufferPool
  readonly readBuffers: BufferPool
  readonly queued: QueuedBytes
}

interface PartitionParts extends PartitionWorld {
  readonly keys: FrameKeys
  /** Told what the operator should know. */
  readonly onNote: (note: string) => void
}

export interface LocalLogLimits {
  /** A segment that has grown to this many bytes is followed by a new one. */
  readonly segmentBytesMax: number
  /** A segment that was begun this long ago is followed by a new one. */
  readonly segmentAgeMsMax: number
  /** Bytes of batches that may wait for the disk, of all partitions together; more are refused. */
  readonly queueBytesMax: number
  /** While a batch of a partition has waited for the disk for longer, more for that partition are refused. */
  readonly queueAgeMsMax: number
}

/** Bytes of one write: more batches than fit wait for the next one. */
export const groupBytesMax = 8 * 1024 * 1024
const clockCorrectionMsMax = 2000
/** A segment whose records are all trimmed is let go once it has this many bytes; below, it is not worth three syncs. */
export const rollTrimmedBytes = 1024 * 1024

/** A partition in segment files of one folder. */
export class LocalPartition implements LogPartition, SharedPartition {
  readonly #disk: Disk
  readonly #folder: string
  readonly #clock: Clock
  readonly #random: Random
  readonly #limits: LocalLogLimits
  readonly #writeBuffers: BufferPool
  readonly #files: PartitionFiles
  readonly #keys: FrameKeys
  readonly #onNote: (note: string) => void
  #finished: FinishedSegment[]
  #active: SegmentWriter | undefined
  #end: Position
  /** Its folder is there, and durably so. */
  #hasFolder = false
  #lastArrivalMs = 0
  readonly #queue: AppendQueue
  #writeScheduled = false
  #closed = false
  /** The last piece of work on the segments: writes, trims and closing happen one after the other. */
  #work: Promise<void> = Promise.resolve()
  readonly #growth = new Growth(() => this.#end)

  /** Opens the partition in `folder`, making it when there is none. */
  static async open(parts: PartitionParts, folder: string): Promise<LocalPartition> {
    const recovered = await recover(parts.disk, folder)
    for (const note of recovered.notes) parts.onNote(note)
    return new LocalPartition(parts, folder, recovered)
  }

  private constructor(
    { disk, clock, random, limits, writeBuffers, readBuffers, queued, keys, onNote }: PartitionParts,
    folder: string,
    recovered: Recovered,
  ) {
    this.#disk = disk
    this.#folder = folder
    this.#clock = clock
    this.#random = random
    this.#limits = limits
    this.#queue = new AppendQueue({ clock, folder, queued, ageMsMax: limits.queueAgeMsMax })
    this.#writeBuffers = writeBuffers
    this.#files = new PartitionFiles({ disk, folder, keys, readBuffers, stored: () => this.#stored })
    this.#keys = keys
    this.#onNote = onNote
    this.#finished = [...recovered.segments]
    this.#end = recovered.end
  }

  get start() {
    return this.#finished[0]?.base ?? this.#active?.base ?? this.#end
  }

  async endNow() {
    return this.#end
  }

  get extent() {
    return extentOf(this.#stored, this.storedBytes)
  }

  extentFrom(base: Position) {
    return extentOf(this.#stored, this.storedBytes, base)
  }

  get keys(): ReadingKeys {
    return this.#keys
  }

  onGrowth(listener: () => void) {
    return this.#growth.listen(listener)
  }

  get #stored(): StoredSegments {
    return { end: this.#end, segments: this.#active === undefined ? this.#finished : [...this.#finished, this.#active] }
  }

  get end() {
    return this.#end
  }

  get storedBytes() {
    return this.#finished.reduce((sum, segment) => sum + segment.sizeBytes, this.#active?.fileBytes ?? 0)
  }

  append(batch: RecordBatch): Promise<Appended> {
    if (this.#closed) return Promise.reject(new AppendError("closed", `The log in "${this.#folder}" is closed`))
    const appended = this.#queue.add(batch)
    if (this.#queue.isWaiting) this.#writeSoon()
    return appended
  }

  read(from: Position, to: Position) {
    return this.#files.read(from, to)
  }

  measure(from: Position, maxBytes: number) {
    return this.#files.measure(from, maxBytes)
  }

  waitBeyond(position: Position, signal: AbortSignal) {
    return this.#growth.waitBeyond(position, signal)
  }

  trim(position: Position): Promise<void> {
    return this.#inTurn(async () => {
      const active = this.#active
      if (active !== undefined && position >= this.#end && active.sizeBytes >= rollTrimmedBytes) {
        const { sealing } = this.#keys
        await this.#roll(sealing.kind === "sealed" ? sealing.key : undefined)
      }
      for (;;) {
        const [first, second] = this.#finished
        const firstEnd = second?.base ?? this.#active?.base
        if (first === undefined || firstEnd === undefined || firstEnd > position) return
        await removeIfThere(this.#disk, segmentPath(this.#folder, first.base))
        this.#finished.shift()
      }
    })
  }

  skipTo(position: Position): Promise<void> {
    return this.#inTurn(async () => {
      if (position <= this.#end) return
      await this.#finish()
      this.#end = position
    })
  }

  /** Refuses further appends, lets those that wait be written, and closes the file. */
  close(): Promise<void> {
    this.#closed = true
    return this.#inTurn(async () => {
      while (this.#queue.isWaiting) await this.#writeGroup()
      try {
        await this.#finish(this.#end)
      } catch (error) {
        const reason = error instanceof Error ? error.message : error
        this.#onNote(
          `The log could not be ended cleanly, and is recovered at the next start as after a crash: ${reason}`,
        )
      }
    })
  }

  // ---- writing

  /**
   * Has what waits written in one group, with all that is read in the same turn of the event loop. While it is synced, the
   * next group fills: nobody waits for a timer.
   */
  #writeSoon() {
    if (this.#writeScheduled) return
    this.#writeScheduled = true
    void this.#inTurn(async () => {
      await turn()
      this.#writeScheduled = false
      // Closing may have written what waited.
      if (this.#queue.isWaiting) await this.#writeGroup()
      if (this.#queue.isWaiting) this.#writeSoon()
    })
  }

  /** Makes a group of batches durable with one write, and answers them all; or refuses them all. */
  async #writeGroup() {
    const group = this.#queue.take(groupBytesMax)
    try {
      const appended = await this.#store(group)
      for (const [index, waiting] of group.entries()) {
        const one = appended[index]
        if (one !== undefined) waiting.resolve(one)
      }
      this.#growth.wake()
    } catch (cause) {
      const refusal = this.#refusalOf(cause)
      for (const waiting of group) waiting.reject(refusal)
    } finally {
      this.#queue.finish()
    }
  }

  #refusalOf(cause: unknown): AppendError {
    if (cause instanceof AppendError) return cause
    const reason = cause instanceof Error ? cause.message : String(cause)
    return new AppendError("full", `Cannot store records in "${this.#folder}": ${reason}`, { cause })
  }

  async #store(group: readonly Waiting[]): Promise<Appended[]> {
    const active = await this.#segmentToWrite(this.#sealingKey())
    const sizeBytes = group.reduce((sum, { batch }) => sum + frameSizeBytes(batch, active.sealing), 0)
    const buffer = this.#writeBuffers.take(sizeBytes)
    try {
      return await this.#storeIn(active, group, buffer.subarray(0, sizeBytes))
    } finally {
      this.#writeBuffers.giveBack(buffer)
    }
  }

  /** What the next group is to be sealed with: undefined for nothing. Never undefined because there is no key. */
  #sealingKey(): FrameKey | undefined {
    const { sealing } = this.#keys
    switch (sealing.kind) {
      case "clear":
        return undefined
      case "sealed":
        return sealing.key
      case "unavailable":
        throw new AppendError("key", `Cannot seal records for "${this.#folder}": ${sealing.reason}`)
    }
  }

  /** Writes a group by way of `bytes`, which has exactly its size. */
  async #storeIn(active: SegmentWriter, group: readonly Waiting[], bytes: Buffer): Promise<Appended[]> {
    const { salt, sealing } = active
    const appended: Appended[] = []
    const arrivalMs = this.#arrivalMs()
    let position = this.#end
    let offset = 0
    for (const { batch } of group) {
      const at = { position, arrivalMs, groupOffset: active.sizeBytes, salt }
      offset = writeFrame(bytes, offset, batch, at, sealing)
      appended.push({ position, arrivalMs, sealed: sealing !== undefined })
      position = advance(position, batch.lengths.length)
    }
    try {
      await active.write(bytes, this.#end)
    } catch (error) {
      // What the system kept of it in memory can't be trusted: the next group begins a new segment.
      this.#setAside(active)
      await active.abandon()
      throw error
    }
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

  /** The segment that is being written, or a new one when that is full, old, or sealed with anything but `key`. */
  async #segmentToWrite(key: FrameKey | undefined): Promise<SegmentWriter> {
    const active = this.#active
    if (active === undefined || active.keyId !== key?.id) return this.#roll(key)
    const isFull = active.sizeBytes >= this.#limits.segmentBytesMax
    const isOld = this.#clock.now() - active.createdMs >= this.#limits.segmentAgeMsMax
    return this.#end > active.base && (isFull || isOld) ? this.#roll(key) : active
  }

  /** Begins a new segment at the end. */
  async #roll(key: FrameKey | undefined): Promise<SegmentWriter> {
    await this.#finish()
    // Not before there is something to store: with thousands of streams, a start would wait for the disk most of its time.
    if (!this.#hasFolder) await this.#disk.makeFolder(this.#folder)
    this.#hasFolder = true
    const base = this.#end
    const beginning = { base, createdMs: this.#clock.now(), key, sizeBytesMax: this.#limits.segmentBytesMax }
    const begun = await SegmentWriter.create(this.#disk, this.#random, this.#folder, beginning)
    // One with the same base holds no record: the new file has replaced it.
    if (this.#finished.at(-1)?.base === base) this.#finished.pop()
    this.#active = begun
    return begun
  }

  /** Ends the segment that is being written, if there is one; given the log's end, as its last one. */
  async #finish(end?: Position) {
    const active = this.#active
    if (active === undefined) return
    this.#setAside(active)
    await active.finish(end)
  }

  #setAside({ base, sizeBytes, places }: SegmentWriter) {
    this.#active = undefined
    this.#finished.push({ base, sizeBytes, places })
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
}

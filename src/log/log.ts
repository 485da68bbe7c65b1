/**
 * The durable log: the one place where ingest and delivery meet. Ingest appends and answers; delivery reads and trims.
 *
 * - record: what a producer put, opaque bytes.
 * - batch: the records of one put. It is appended whole or not at all.
 * - frame: what one append made durable: a batch with its arrival time.
 * - position: a record's number in its partition, counting from 0. Positions only grow and are never used again.
 * - partition: a sequence of frames with one writer. A stream has one or more.
 * - segment: a run of frames that is stored, and later deleted, together (local/ keeps one in a file).
 *
 * local/ keeps it in files on this machine; over Kafka a stream is a topic, a position an offset, an append a produce.
 */

/** A record's number in its partition. Made by `asPosition` only, so that it is never mixed up with a count. */
export type Position = number & { readonly __position: unique symbol }

export function asPosition(value: number): Position {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`Not a position: ${value}`)
  return value as Position
}

/** The position `count` records after `position`. */
export function advance(position: Position, count: number): Position {
  return asPosition(position + count)
}

/** A batch as it is stored: the records' lengths, and their bytes one after the other without anything between. */
export interface RecordBatch {
  readonly lengths: Uint32Array
  /** As many bytes as the lengths add up to. */
  readonly data: Uint8Array
}

/** Records that lie apart in memory, as a batch. */
export function batchOf(records: readonly Uint8Array[]): RecordBatch {
  const [only] = records
  const lengths = new Uint32Array(records.length)
  for (const [index, record] of records.entries()) lengths[index] = record.byteLength
  return { lengths, data: records.length === 1 && only !== undefined ? only : Buffer.concat(records) }
}

/** A stored batch. `data` may be a view of a larger read buffer: copy what is kept. */
export interface Frame extends RecordBatch {
  readonly position: Position
  /** When it was appended: milliseconds since the epoch. */
  readonly arrivalMs: number
}

/** Records that were stored and can't be read any more: a damaged frame, a lost segment. They are counted, not hidden. */
export interface Damage {
  readonly from: Position
  /** The first position after it that can be read. */
  readonly to: Position
  /** Records that are lost; as many as positions when absent. */
  readonly recordCount?: number
  /** What was found where, for the operator. */
  readonly reason: string
}

/** What one read of the disk brought. */
export interface ReadPiece {
  readonly frames: readonly Frame[]
  readonly damage: readonly Damage[]
  /** The position after the last frame or damage. */
  readonly next: Position
}

/** A frame without its records. */
export interface MeasuredFrame {
  readonly position: Position
  readonly recordCount: number
  /** Bytes of its records. */
  readonly sizeBytes: number
  readonly arrivalMs: number
}

export interface Measurement {
  readonly frames: readonly MeasuredFrame[]
  readonly damage: readonly Damage[]
  /** Where to go on: after the last frame or damage; the position that was asked for when there is nothing yet. */
  readonly next: Position
}

export type AppendRefusal = "full" | "closed" | "key"

/**
 * Why an append was refused. Nothing of the batch was acknowledged; whether it is found later is not known.
 * - `full`: the disk or the queue is over its limit, or the disk failed: the same put may work later.
 * - `closed`: the partition is closed or deleted.
 * - `key`: its records are to be sealed, and the key for it is not at hand.
 */
export class AppendError extends Error {
  readonly kind: AppendRefusal

  constructor(kind: AppendRefusal, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = "AppendError"
    this.kind = kind
  }
}

export interface Appended {
  readonly position: Position
  readonly arrivalMs: number
  /** Whether the batch was sealed before it was written. */
  readonly sealed: boolean
}

/** A key that frames are sealed with, by AES-256-GCM. */
export interface FrameKey {
  /** 32 hexadecimal digits; kept beside what it seals. */
  readonly id: string
  /** 32 bytes. */
  readonly secret: Uint8Array
}

/** What the frames of the next group are sealed with. */
export type SealingState =
  /** With nothing: the stream's encryption is off. */
  | { readonly kind: "clear" }
  | { readonly kind: "sealed"; readonly key: FrameKey }
  /** They must be sealed, and there is no key for it now: appends are refused. Never stored in the clear instead. */
  | { readonly kind: "unavailable"; readonly reason: string }

/** Where those who read a partition get its keys from. */
export interface ReadingKeys {
  /** The key with this id. @throws KeyUnavailableError: the records are whole, and readable once it is there */
  find(id: string): Promise<FrameKey>
}

/** Where a partition gets its keys from. It may answer something else whenever it is asked: keys change. */
export interface FrameKeys extends ReadingKeys {
  /** Asked before each group is written. */
  readonly sealing: SealingState
}

/** A key can't be had now. What it sealed is not damaged: reading is to be tried again. */
export class KeyUnavailableError extends Error {
  /** What the delivery error log calls it: spec/observability.md, section 3. */
  readonly code: string

  constructor(message: string, { code = "InternalError", ...options }: ErrorOptions & { readonly code?: string } = {}) {
    super(message, options)
    this.name = "KeyUnavailableError"
    this.code = code
  }
}

/** Of a partition whose records are never sealed. */
export const inTheClear: FrameKeys = {
  sealing: { kind: "clear" },
  find: (id) => Promise.reject(new KeyUnavailableError(`There is no key "${id}": nothing here should be sealed`)),
}

/** How far a partition is durable: what another thread or process needs to read its files. */
export interface PartitionExtent {
  /** The position after the last durable record. */
  readonly end: Position
  /** Bytes that all of it takes on the disk. */
  readonly storedBytes: number
  /** In the order of their positions. One ends where the next one begins, the last one at `end`. */
  readonly segments: readonly {
    /** The position of its first record. */
    readonly base: Position
    /** How many bytes of its file count. */
    readonly sizeBytes: number
  }[]
}

/** One partition of a stream's log, as its delivery sees it: its writer may be in another thread or process. */
export interface PartitionReader {
  /** The first position that is still stored; `end` when there is none. */
  readonly start: Position
  /** The position after the last durable record; a moment behind, where somebody else writes. */
  readonly end: Position
  /** `end` as the writer knows it: everything that was acknowledged before the call lies before it. */
  endNow(): Promise<Position>
  /** Bytes that the partition takes on the disk. */
  readonly storedBytes: number
  /** The keys to read it with. */
  readonly keys: ReadingKeys
  /**
   * The durable frames from `from` on up to `to`, as they were appended, in pieces of about a megabyte. Nothing is left out:
   * what can't be read is told as damage. A frame that begins before `from`, or ends after `to`, is cut. It ends early
   * where the log does. The memory of a piece is used again for the next one.
   * @throws KeyUnavailableError
   */
  read(from: Position, to: Position): AsyncGenerator<ReadPiece>
  /**
   * Measures the durable frames from `from` on: at least one if there is any, and no more than whose records come to
   * `maxBytes`. A frame that begins before `from` is given from `from` on. Records are not looked at: `read` meets what is
   * damaged in them.
   * @throws KeyUnavailableError
   */
  measure(from: Position, maxBytes: number): Promise<Measurement>
  /** Resolves when `end` is beyond `position`, or when `signal` is aborted: of a partition that is closed, only then. */
  waitBeyond(position: Position, signal: AbortSignal): Promise<void>
  /** Records before `position` are not needed any more: segments that hold nothing else are deleted. */
  trim(position: Position): Promise<void>
  /**
   * Positions before `position` were used, whatever the disk has lost of them since: they are never given out again. What
   * is stored stays.
   */
  skipTo(position: Position): Promise<void>
}

/** A partition that other threads or processes read by themselves, as far as they are told that it is durable. */
export interface SharedPartition extends PartitionReader {
  readonly extent: PartitionExtent
  /** The same, without the segments before the one that begins at `base`. */
  extentFrom(base: Position): PartitionExtent
  /** Calls `listener` whenever `end` has grown, until the function is called that it answers. */
  onGrowth(listener: () => void): () => void
}

/** One partition of a stream's log, open for appending and reading. */
export interface LogPartition extends PartitionReader {
  /**
   * Stores a batch of at least one record and resolves once it is on stable storage. The batch's bytes must not be changed until then.
   * @throws AppendError
   */
  append(batch: RecordBatch): Promise<Appended>
}

/** Names a partition: `streamUid` is one incarnation of a stream, so that a stream made anew never sees old records. */
export interface PartitionName {
  readonly streamUid: string
  readonly partition: number
}

/** The logs of all streams. */
export interface Log {
  /**
   * Opens a partition, making it when there is none. A partition that is open already is given again, and keeps the keys
   * that it was opened with first.
   */
  open(name: PartitionName, keys: FrameKeys): Promise<LogPartition>
  /** Deletes every partition of a stream, durably. No error when there is none. */
  delete(streamUid: string): Promise<void>
  /** Refuses further appends, lets those under way finish, closes every file. */
  close(): Promise<void>
}

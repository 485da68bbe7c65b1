import type { Disk, DiskFile, Random } from "../../platform/index.ts"
import type { FrameKey, Position } from "../log.ts"
import { encodeEndMark } from "./end-mark.ts"
import type { SegmentSealing } from "./frame.ts"
import { PlaceIndex } from "./place-index.ts"
import { deriveSegmentKey, keySaltBytes, nonceBytes } from "./seal.ts"
import { createSegmentFile, segmentHeaderBytes } from "./segment-file.ts"

/**
 * A write over bytes that the file has already costs about half of one that makes it larger, since the file system has
 * nothing to note down about it (docs/performance.md). So a small group is written together with zeros after it, at most
 * as many as the segment has bytes: what is idle stays small. A large one is not: its own bytes take longer than the note.
 */
const zerosAheadBytesMax = 128 * 1024
const largeGroupBytes = 64 * 1024
const diskBlockBytes = 4096
const zeros = Buffer.alloc(zerosAheadBytesMax + diskBlockBytes)
const noZeros = Buffer.alloc(0)

export interface SegmentBeginning {
  readonly base: Position
  readonly createdMs: number
  /** What its frames are sealed with; undefined for nothing. */
  readonly key: FrameKey | undefined
  /** What it is expected to grow to: no zeros are written beyond. */
  readonly sizeBytesMax: number
}

/** The segment that is being written. */
export class SegmentWriter {
  readonly base: Position
  readonly createdMs: number
  /** The id of the key that its frames are sealed with; undefined when they are in the clear. */
  readonly keyId: string | undefined
  readonly salt: number
  readonly sealing: SegmentSealing | undefined
  readonly places = new PlaceIndex()
  readonly #file: DiskFile
  readonly #sizeBytesMax: number
  #sizeBytes = segmentHeaderBytes
  #fileBytes = segmentHeaderBytes

  /** Makes its file, durably. */
  static async create(disk: Disk, random: Random, folder: string, beginning: SegmentBeginning): Promise<SegmentWriter> {
    const { base, createdMs, key } = beginning
    const salt = random.bytes(4).readUInt32LE()
    const keySalt = random.bytes(keySaltBytes)
    const sealing = key && {
      key: deriveSegmentKey(key.secret, keySalt),
      nextNonce: () => random.bytes(nonceBytes),
    }
    const sealedWith = key && { keyId: key.id, keySalt }
    const file = await createSegmentFile(disk, folder, { base, createdMs, salt, sealedWith })
    return new SegmentWriter(file, beginning, salt, sealing)
  }

  private constructor(
    file: DiskFile,
    { base, createdMs, key, sizeBytesMax }: SegmentBeginning,
    salt: number,
    sealing: SegmentSealing | undefined,
  ) {
    this.#file = file
    this.#sizeBytesMax = sizeBytesMax
    this.base = base
    this.createdMs = createdMs
    this.keyId = key?.id
    this.salt = salt
    this.sealing = sealing
  }

  /** Its bytes up to here are durable. */
  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** Where its file ends, with the zeros that the next groups are to be written over. */
  get fileBytes(): number {
    return this.#fileBytes
  }

  /**
   * Writes a group of frames that begins with `position` to the end, durably. When that fails, nothing may be written to
   * it any more: what the system kept of the file in memory can't be trusted.
   */
  async write(group: Buffer, position: Position): Promise<void> {
    const offset = this.#sizeBytes
    const endOffset = offset + group.length
    const ahead = endOffset <= this.#fileBytes ? noZeros : this.#zerosAfter(endOffset, group.length)
    await this.#file.write([group, ahead], offset)
    this.#sizeBytes = endOffset
    this.#fileBytes = Math.max(this.#fileBytes, endOffset + ahead.length)
    this.places.add({ position, offset })
  }

  /** The zeros to write after a group that ends at `endOffset`: up to the end of a block of the disk. */
  #zerosAfter(endOffset: number, groupBytes: number): Buffer {
    if (groupBytes >= largeGroupBytes || endOffset >= this.#sizeBytesMax) return noZeros
    const aheadOffset = endOffset + Math.min(endOffset, zerosAheadBytesMax, this.#sizeBytesMax - endOffset)
    const blockEnd = Math.ceil(aheadOffset / diskBlockBytes) * diskBlockBytes
    return zeros.subarray(0, blockEnd - endOffset)
  }

  /**
   * Gives back to the disk what was not needed, and closes the file. Given the position after its last record, it says in
   * the file that the log ends there.
   */
  async finish(end: Position | undefined): Promise<void> {
    try {
      const offset = this.#sizeBytes
      if (this.#fileBytes > offset) await this.#file.truncate(offset)
      if (end !== undefined) await this.#file.write([encodeEndMark({ position: end, offset }, this.salt)], offset)
    } finally {
      await this.#file.close()
    }
  }

  /** Closes the file as it is: after a write that failed. */
  abandon(): Promise<void> {
    return this.#file.close()
  }
}

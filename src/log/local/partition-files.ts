import path from "node:path"
import type { Disk } from "../../platform/index.ts"
import {
  advance,
  type Damage,
  type MeasuredFrame,
  type Measurement,
  type PartitionExtent,
  type PartitionName,
  type Position,
  type ReadingKeys,
  type ReadPiece,
} from "../log.ts"
import type { BufferPool } from "./buffer-pool.ts"
import type { PlaceIndex } from "./place-index.ts"
import { measureSegment, type ReadableSegment, readSegment } from "./read-segment.ts"

/** What is durable of a partition's files, at a moment. */
export interface StoredSegments {
  /** The position after the last durable record. */
  readonly end: Position
  /** In the order of their positions. */
  readonly segments: readonly { readonly base: Position; readonly sizeBytes: number; readonly places: PlaceIndex }[]
}

export interface PartitionFilesOptions {
  readonly disk: Disk
  readonly folder: string
  readonly keys: ReadingKeys
  readonly readBuffers: BufferPool
  /** Asked again and again: segments come, grow and go. */
  readonly stored: () => StoredSegments
}

export function streamFolder(logFolder: string, streamUid: string): string {
  return path.join(logFolder, streamUid)
}

export function partitionFolder(logFolder: string, { streamUid, partition }: PartitionName): string {
  return path.join(streamFolder(logFolder, streamUid), String(partition))
}

/** What those are told of it who read it elsewhere; `from`: without the segments before the one that begins there. */
export function extentOf({ end, segments }: StoredSegments, storedBytes: number, from?: Position): PartitionExtent {
  const told = from === undefined ? segments : segments.filter(({ base }) => base >= from)
  return { end, storedBytes, segments: told.map(({ base, sizeBytes }) => ({ base, sizeBytes })) }
}

/** Bytes of one read; a larger frame is read whole all the same. */
export const readBytesMax = 1024 * 1024
/** The same when only sizes are wanted: what is read beyond them is read again for the next ones. */
const measureBytesMax = 512 * 1024

/** Reads the files of a partition, whoever writes them. */
export class PartitionFiles {
  readonly #options: PartitionFilesOptions

  constructor(options: PartitionFilesOptions) {
    this.#options = options
  }

  get #start() {
    const { segments, end } = this.#options.stored()
    return segments[0]?.base ?? end
  }

  get #storedBytes() {
    return this.#options.stored().segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  }

  async *read(from: Position, to: Position): AsyncGenerator<ReadPiece> {
    const gone = this.#goneFrom(from, to)
    if (gone !== undefined) yield { frames: [], damage: [gone], next: gone.to }
    let next = gone?.to ?? from
    const source = { disk: this.#options.disk, keys: this.#options.keys }
    const buffer = this.#options.readBuffers.take(Math.min(readBytesMax, this.#storedBytes))
    try {
      while (next < to) {
        const [segment] = this.#segmentsFrom(next)
        if (segment === undefined) return
        for await (const piece of readSegment(source, segment, { from: next, to, buffer })) {
          next = piece.next
          yield piece
        }
      }
    } finally {
      this.#options.readBuffers.giveBack(buffer)
    }
  }

  async measure(from: Position, maxBytes: number): Promise<Measurement> {
    const gone = this.#goneFrom(from, this.#start)
    let next = gone?.to ?? from
    const damage = gone === undefined ? [] : [gone]
    for (const segment of this.#segmentsFrom(next)) {
      const measured = await this.#measureSegment(segment, next, maxBytes)
      const [first, ...others] = measured.frames
      damage.push(...measured.damage)
      if (first !== undefined) {
        const frames =
          first.position < next ? [...(await this.#measureRest(first, next, damage)), ...others] : measured.frames
        return { frames, damage, next: measured.next }
      }
      next = measured.next
    }
    return { frames: [], damage, next }
  }

  async #measureSegment(segment: ReadableSegment, from: Position, maxBytes: number): Promise<Measurement> {
    const { disk, readBuffers } = this.#options
    const buffer = readBuffers.take(Math.min(measureBytesMax, segment.sizeBytes))
    try {
      return await measureSegment(disk, segment, { from, maxBytes, buffer: buffer.subarray(0, measureBytesMax) })
    } finally {
      readBuffers.giveBack(buffer)
    }
  }

  /** What is left of a frame from `from` on. Only its records' lengths tell. */
  async #measureRest(frame: MeasuredFrame, from: Position, damage: Damage[]): Promise<MeasuredFrame[]> {
    const rest: MeasuredFrame[] = []
    for await (const piece of this.read(from, advance(frame.position, frame.recordCount))) {
      damage.push(...piece.damage)
      for (const { position, arrivalMs, lengths, data } of piece.frames) {
        rest.push({ position, recordCount: lengths.length, sizeBytes: data.byteLength, arrivalMs })
      }
    }
    return rest
  }

  /** What is not stored any more of the range. */
  #goneFrom(from: Position, to: Position): Damage | undefined {
    const goneTo = this.#start < to ? this.#start : to
    return from < goneTo ? { from, to: goneTo, reason: "the segments that held them are gone" } : undefined
  }

  /** The segments that hold durable positions from `from` on. */
  #segmentsFrom(from: Position): ReadableSegment[] {
    const { folder, stored } = this.#options
    const { segments, end } = stored()
    return segments
      .map(({ base, sizeBytes, places }, index) => ({
        folder,
        base,
        sizeBytes,
        places,
        end: segments[index + 1]?.base ?? end,
      }))
      .filter((segment) => segment.end > from)
  }
}

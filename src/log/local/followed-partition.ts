import type { Disk } from "../../platform/index.ts"
import type { PartitionExtent, Position, ReadingKeys, SharedPartition } from "../log.ts"
import type { BufferPool } from "./buffer-pool.ts"
import { Growth } from "./growth.ts"
import { rollTrimmedBytes } from "./local-partition.ts"
import { extentOf, PartitionFiles, type StoredSegments } from "./partition-files.ts"
import { PlaceIndex } from "./place-index.ts"

/** What the writer of a partition does for one that follows it. */
export interface PartitionSource {
  /** How far the partition is durable, as its writer told last. */
  readonly extent: PartitionExtent
  /** How far it is durable now. */
  extentNow(): Promise<PartitionExtent>
  /** Has the writer trim it. */
  trim(position: Position): Promise<PartitionExtent>
  /** Has the writer skip positions. */
  skipTo(position: Position): Promise<PartitionExtent>
}

export interface FollowedPartitionOptions {
  readonly disk: Disk
  readonly folder: string
  readonly keys: ReadingKeys
  readonly readBuffers: BufferPool
  readonly source: PartitionSource
}

/**
 * A partition that another thread or process writes: its files are read here, and their writer tells how far they are
 * durable. What it tells comes in the order in which it was so.
 */
export class FollowedPartition implements SharedPartition {
  readonly keys: ReadingKeys
  readonly #source: PartitionSource
  readonly #files: PartitionFiles
  readonly #growth = new Growth(() => this.end)
  #stored: StoredSegments
  #storedBytes: number

  constructor({ disk, folder, keys, readBuffers, source }: FollowedPartitionOptions) {
    this.keys = keys
    this.#source = source
    this.#stored = withPlaces(source.extent, undefined)
    this.#storedBytes = source.extent.storedBytes
    this.#files = new PartitionFiles({ disk, folder, keys, readBuffers, stored: () => this.#stored })
  }

  /** Takes the whole extent that the writer tells. One that is older than what is known is left aside. */
  update(extent: PartitionExtent) {
    if (extent.end < this.end) return
    this.#stored = withPlaces(extent, this.#stored)
    this.#storedBytes = extent.storedBytes
    this.#growth.wake()
  }

  /** Takes an extent of which the writer tells only the last segments: those before them are as they were. */
  grow(extent: PartitionExtent) {
    const [first] = extent.segments
    const earlier = this.#stored.segments.filter(({ base }) => first === undefined || base < first.base)
    this.update({ ...extent, segments: [...earlier, ...extent.segments] })
  }

  get start() {
    return this.#stored.segments[0]?.base ?? this.end
  }

  get end() {
    return this.#stored.end
  }

  get storedBytes() {
    return this.#storedBytes
  }

  get extent() {
    return extentOf(this.#stored, this.storedBytes)
  }

  extentFrom(base: Position) {
    return extentOf(this.#stored, this.storedBytes, base)
  }

  onGrowth(listener: () => void) {
    return this.#growth.listen(listener)
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

  async endNow() {
    this.update(await this.#source.extentNow())
    return this.end
  }

  async trim(position: Position) {
    if (this.#maySpare(position)) this.update(await this.#source.trim(position))
  }

  async skipTo(position: Position) {
    this.update(await this.#source.skipTo(position))
  }

  /** Whether the writer may have something to delete before `position`: it is not asked after each batch. */
  #maySpare(position: Position): boolean {
    const { end, segments } = this.#stored
    const [first, second] = segments
    if (first === undefined) return false
    return second === undefined ? position >= end && first.sizeBytes >= rollTrimmedBytes : second.base <= position
  }
}

/** The segments of an extent, with the places that are known of them. */
function withPlaces({ end, segments }: PartitionExtent, before: StoredSegments | undefined): StoredSegments {
  const known = new Map(before?.segments.map(({ base, places }) => [base, places]))
  return {
    end,
    segments: segments.map((segment) => ({ ...segment, places: known.get(segment.base) ?? new PlaceIndex() })),
  }
}

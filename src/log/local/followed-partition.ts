import type { Disk } from "../../platform/index.ts"
import type { FrameKeys, PartitionExtent, PartitionReader, Position } from "../log.ts"
import type { BufferPool } from "./buffer-pool.ts"
import { Growth } from "./growth.ts"
import { PartitionFiles, type StoredSegments } from "./partition-files.ts"
import { PlaceIndex } from "./place-index.ts"

/** What the process that writes a partition does for one that follows it. */
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
  readonly keys: FrameKeys
  readonly readBuffers: BufferPool
  readonly source: PartitionSource
}

/** A partition that another process writes: its files are read here, and their writer tells how far they are durable. */
export class FollowedPartition implements PartitionReader {
  readonly #source: PartitionSource
  readonly #files: PartitionFiles
  readonly #growth = new Growth(() => this.end)
  #stored: StoredSegments

  constructor({ disk, folder, keys, readBuffers, source }: FollowedPartitionOptions) {
    this.#source = source
    this.#stored = withPlaces(source.extent, undefined)
    this.#files = new PartitionFiles({ disk, folder, keys, readBuffers, stored: () => this.#stored })
  }

  /** Takes what the writer tells. Its answers and its own messages may overtake each other: an older one is left aside. */
  update(extent: PartitionExtent) {
    if (extent.end < this.end) return
    this.#stored = withPlaces(extent, this.#stored)
    this.#growth.wake()
  }

  get start() {
    return this.#stored.segments[0]?.base ?? this.end
  }

  get end() {
    return this.#stored.end
  }

  get storedBytes() {
    return this.#stored.segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
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
    this.update(await this.#source.trim(position))
  }

  async skipTo(position: Position) {
    this.update(await this.#source.skipTo(position))
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

import type { Disk } from "../../platform/index.ts"
import type { PartitionName, ReadingKeys } from "../log.ts"
import { BufferPool } from "./buffer-pool.ts"
import { FollowedPartition, type PartitionSource } from "./followed-partition.ts"
import { partitionFolder, readBytesMax } from "./partition-files.ts"

export interface FollowedLogOptions {
  readonly disk: Disk
  /** That of the log. */
  readonly folder: string
}

/** The log in files, for those who write no part of it. */
export class FollowedLog {
  readonly #options: FollowedLogOptions
  readonly #readBuffers = new BufferPool({ bufferBytes: readBytesMax, countMax: 16 })

  constructor(options: FollowedLogOptions) {
    this.#options = options
  }

  /** Reads a partition that another thread or process writes. */
  follow(name: PartitionName, keys: ReadingKeys, source: PartitionSource): FollowedPartition {
    const { disk, folder } = this.#options
    return new FollowedPartition({
      disk,
      folder: partitionFolder(folder, name),
      keys,
      readBuffers: this.#readBuffers,
      source,
    })
  }
}

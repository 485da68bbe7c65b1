import type { FrameKeys, Log, PartitionName } from "../log.ts"
import { QueuedBytes } from "./append-queue.ts"
import { BufferPool } from "./buffer-pool.ts"
import { groupBytesMax, LocalPartition, type PartitionWorld } from "./local-partition.ts"
import { partitionFolder, readBytesMax, streamFolder } from "./partition-files.ts"

export interface LocalLogOptions extends Omit<PartitionWorld, "writeBuffers" | "readBuffers" | "queued"> {
  /** Holds a folder for each stream, with a folder for each of its partitions. Made when it is missing. */
  readonly folder: string
  /** Told what recovery found when a partition was opened, and what else the operator should know. */
  readonly onNote: (name: PartitionName, note: string) => void
}

/** The log in files under one folder: FOLDER/STREAM-UID/PARTITION/BASE.segment. */
export function openLocalLog(options: LocalLogOptions): LocalLog {
  return new LocalLog(options)
}

/** The log of this process, in files that other processes may have a part in: a partition has one writer. */
export class LocalLog implements Log {
  readonly #options: LocalLogOptions
  readonly #writeBuffers = new BufferPool({ bufferBytes: groupBytesMax, countMax: 4 })
  readonly #readBuffers = new BufferPool({ bufferBytes: readBytesMax, countMax: 16 })
  /** By stream and partition number. */
  readonly #open = new Map<string, Map<number, Promise<LocalPartition>>>()

  readonly #queued: QueuedBytes

  constructor(options: LocalLogOptions) {
    this.#options = options
    this.#queued = new QueuedBytes(options.limits.queueBytesMax)
  }

  open(name: PartitionName, keys: FrameKeys): Promise<LocalPartition> {
    const partitions = this.#open.get(name.streamUid) ?? new Map<number, Promise<LocalPartition>>()
    this.#open.set(name.streamUid, partitions)
    const opening = partitions.get(name.partition) ?? this.#openPartition(name, keys)
    partitions.set(name.partition, opening)
    // One that could not be opened can be tried again.
    opening.catch(() => partitions.delete(name.partition))
    return opening
  }

  #openPartition(name: PartitionName, keys: FrameKeys): Promise<LocalPartition> {
    const onNote = (note: string) => this.#options.onNote(name, note)
    const shared = { writeBuffers: this.#writeBuffers, readBuffers: this.#readBuffers, queued: this.#queued }
    return LocalPartition.open(
      { ...this.#options, ...shared, keys, onNote },
      partitionFolder(this.#options.folder, name),
    )
  }

  async delete(streamUid: string) {
    await this.closeStream(streamUid)
    await this.#options.disk.removeFolder(this.#folderOf(streamUid))
    await this.#options.disk.makeFolder(this.#options.folder)
    await this.#options.disk.syncFolder(this.#options.folder)
  }

  async close() {
    await Promise.all([...this.#open.keys()].map((streamUid) => this.closeStream(streamUid)))
  }

  /** Closes the partitions of one stream that are open. */
  async closeStream(streamUid: string) {
    const partitions = [...(this.#open.get(streamUid)?.values() ?? [])]
    this.#open.delete(streamUid)
    for (const opened of await Promise.allSettled(partitions)) {
      if (opened.status === "fulfilled") await opened.value.close()
    }
  }

  #folderOf(streamUid: string) {
    return streamFolder(this.#options.folder, streamUid)
  }
}

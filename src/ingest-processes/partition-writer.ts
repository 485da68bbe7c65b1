import type { LogIngest } from "../ingest/index.ts"
import type { Keys } from "../keys/index.ts"
import type { LocalLog, LocalPartition, PartitionExtent, Position } from "../log/index.ts"
import type { Clock } from "../platform/index.ts"
import type { StreamDefinition } from "../streams/index.ts"
import type { KnownStreams } from "./known-streams.ts"
import type { Appended, PlaceInPartition } from "./procedures.ts"

export interface PartitionWriterOptions {
  readonly log: LocalLog
  readonly ingest: LogIngest
  /** Those that take puts. */
  readonly streams: KnownStreams
  readonly clock: Clock
  /** The number of the partition that this process writes, of every stream. */
  readonly partition: number
  readonly keys: Keys
  /** Told what became longer, not more often than every `tellMs`. */
  readonly onAppended: (changes: readonly Appended[]) => void
}

interface OpenPartition {
  readonly partition: LocalPartition
  /** Ends the telling of what is appended. */
  readonly followed: AbortController
}

/** Delivery learns this late that there is more. */
const tellMs = 10

/** An ingest process's care of its partition of each stream. It opens and closes them as the server's process asks. */
export class PartitionWriter {
  readonly #options: PartitionWriterOptions
  /** By uid. */
  readonly #open = new Map<string, OpenPartition>()

  constructor(options: PartitionWriterOptions) {
    this.#options = options
  }

  async open(stream: StreamDefinition, usedThrough: Position): Promise<PartitionExtent> {
    const { keys, log, partition } = this.#options
    const opened = await log.open({ streamUid: stream.uid, partition }, keys.of(stream))
    await opened.skipTo(usedThrough)
    const followed = new AbortController()
    this.#open.get(stream.uid)?.followed.abort()
    this.#open.set(stream.uid, { partition: opened, followed })
    void this.#follow(stream.uid, opened, followed.signal)
    return opened.extent
  }

  admit(stream: StreamDefinition) {
    const { ingest, keys, partition, streams } = this.#options
    const opened = this.#open.get(stream.uid)
    if (opened === undefined) throw new Error(`Partition ${partition} of delivery stream "${stream.name}" is not open`)
    ingest.attach(stream.uid, { partitionNumber: partition, partition: opened.partition, keys: keys.of(stream) })
    streams.set(stream)
  }

  async dismiss(streamUid: string) {
    const { ingest, keys, log, streams } = this.#options
    ingest.detach(streamUid)
    streams.forget(streamUid)
    this.#open.get(streamUid)?.followed.abort()
    this.#open.delete(streamUid)
    await log.closeStream(streamUid)
    keys.forget(streamUid)
  }

  extent(streamUid: string): PartitionExtent {
    return this.#openPartition(streamUid).extent
  }

  async trim({ streamUid, position }: PlaceInPartition): Promise<PartitionExtent> {
    const partition = this.#openPartition(streamUid)
    await partition.trim(position)
    return partition.extent
  }

  async skipTo({ streamUid, position }: PlaceInPartition): Promise<PartitionExtent> {
    const partition = this.#openPartition(streamUid)
    await partition.skipTo(position)
    return partition.extent
  }

  async close() {
    for (const { followed } of this.#open.values()) followed.abort()
    await this.#options.log.close()
  }

  #openPartition(streamUid: string): LocalPartition {
    const opened = this.#open.get(streamUid)
    if (opened === undefined) throw new Error(`Partition ${this.#options.partition} of "${streamUid}" is not open`)
    return opened.partition
  }

  /** Tells whenever a partition has become longer. */
  async #follow(streamUid: string, partition: LocalPartition, signal: AbortSignal) {
    const { clock, onAppended } = this.#options
    while (!signal.aborted) {
      const told = partition.end
      await partition.waitBeyond(told, signal)
      await clock.sleep(tellMs, signal)
      if (partition.end > told) onAppended([{ streamUid, extent: partition.extent }])
    }
  }
}

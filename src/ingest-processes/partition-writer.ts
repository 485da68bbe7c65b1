import type { LogIngest } from "../ingest/index.ts"
import type { Keys } from "../keys/index.ts"
import {
  type GrownPartition,
  GrowthTeller,
  type LocalLog,
  type LocalPartition,
  type PartitionExtent,
  type Position,
} from "../log/index.ts"
import type { Clock } from "../platform/index.ts"
import type { StreamDefinition } from "../streams/index.ts"
import type { KnownStreams } from "./known-streams.ts"
import type { PlaceInPartition } from "./procedures.ts"

export interface PartitionWriterOptions {
  readonly log: LocalLog
  readonly ingest: LogIngest
  /** Those that take puts. */
  readonly streams: KnownStreams
  readonly clock: Clock
  /** The number of the partition that this process writes, of every stream. */
  readonly partition: number
  readonly keys: Keys
  /** Told what became longer. Resolves once that is taken. */
  readonly onGrowth: (grown: readonly GrownPartition[]) => Promise<void>
}

/** An ingest process's care of its partition of each stream. It opens and closes them as the server's process asks. */
export class PartitionWriter {
  readonly #options: PartitionWriterOptions
  /** By uid. */
  readonly #open = new Map<string, LocalPartition>()
  readonly #teller: GrowthTeller

  constructor(options: PartitionWriterOptions) {
    this.#options = options
    this.#teller = new GrowthTeller({ clock: options.clock, tell: options.onGrowth })
  }

  async open(stream: StreamDefinition, usedThrough: Position): Promise<PartitionExtent> {
    const { keys, log, partition } = this.#options
    const name = { streamUid: stream.uid, partition }
    const opened = await log.open(name, keys.of(stream))
    await opened.skipTo(usedThrough)
    this.#open.set(stream.uid, opened)
    this.#teller.watch(name, opened)
    return opened.extent
  }

  admit(stream: StreamDefinition) {
    const { ingest, keys, partition, streams } = this.#options
    const opened = this.#open.get(stream.uid)
    if (opened === undefined) throw new Error(`Partition ${partition} of delivery stream "${stream.name}" is not open`)
    ingest.attach(stream.uid, { partitionNumber: partition, partition: opened, keys: keys.of(stream) })
    streams.set(stream)
  }

  async dismiss(streamUid: string) {
    const { ingest, keys, log, streams } = this.#options
    ingest.detach(streamUid)
    streams.forget(streamUid)
    this.#teller.forget(streamUid)
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
    await this.#options.log.close()
  }

  #openPartition(streamUid: string): LocalPartition {
    const opened = this.#open.get(streamUid)
    if (opened === undefined) throw new Error(`Partition ${this.#options.partition} of "${streamUid}" is not open`)
    return opened
  }
}

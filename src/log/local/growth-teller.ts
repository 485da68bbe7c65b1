import type { Clock } from "../../platform/index.ts"
import type { PartitionExtent, PartitionName, Position, SharedPartition } from "../log.ts"

/** A partition that has grown. */
export interface GrownPartition extends PartitionName {
  /** Its last segments are enough: those that were told of before are as they were. */
  readonly extent: PartitionExtent
}

export interface GrowthTellerOptions {
  readonly clock: Clock
  /**
   * Told of all partitions that have grown, not more often than every `tellMs`. Resolves once that is taken: what grows
   * meanwhile is told together, so that news does not pile up before those who are busy.
   */
  readonly tell: (grown: readonly GrownPartition[]) => Promise<void>
}

interface Watched {
  readonly name: PartitionName
  readonly partition: SharedPartition
  readonly end: () => void
  /** Where the last segment began that was told of. */
  toldFrom: Position
}

/** Those who follow a partition learn this late that there is more. */
const tellMs = 50

/**
 * Tells those who read partitions elsewhere how they grow: of all together, since a message for each put would cost as much
 * as the put. A partition that does not grow costs nothing.
 */
export class GrowthTeller {
  readonly #options: GrowthTellerOptions
  /** By stream and partition number. */
  readonly #watched = new Map<string, Map<number, Watched>>()
  #grown = new Set<Watched>()
  /** Resolves once what was told last is taken. */
  #taken: Promise<void> = Promise.resolve()
  /** What has grown is going to be told. */
  #willTell = false

  constructor(options: GrowthTellerOptions) {
    this.#options = options
  }

  /** Tells how a partition grows beyond what it is now, also when that was begun before. */
  watch(name: PartitionName, partition: SharedPartition) {
    const ofStream = this.#watched.get(name.streamUid) ?? new Map<number, Watched>()
    this.#watched.set(name.streamUid, ofStream)
    this.#end(ofStream.get(name.partition))
    const watched: Watched = {
      name,
      partition,
      toldFrom: lastBase(partition.extent),
      end: partition.onGrowth(() => this.#note(watched)),
    }
    ofStream.set(name.partition, watched)
  }

  /** Tells nothing more of the partitions of a stream. */
  forget(streamUid: string) {
    for (const watched of this.#watched.get(streamUid)?.values() ?? []) this.#end(watched)
    this.#watched.delete(streamUid)
  }

  /** Tells what there is to tell at once: before an answer that it shall be known for. */
  tellNow() {
    if (this.#grown.size === 0) return
    const grown = [...this.#grown].map((watched) => {
      const extent = watched.partition.extentFrom(watched.toldFrom)
      watched.toldFrom = lastBase(extent)
      return { ...watched.name, extent }
    })
    this.#grown = new Set()
    this.#taken = this.#options.tell(grown)
  }

  #note(watched: Watched) {
    this.#grown.add(watched)
    if (!this.#willTell) void this.#tellSoon()
  }

  async #tellSoon() {
    this.#willTell = true
    await this.#options.clock.sleep(tellMs)
    await this.#taken
    this.#willTell = false
    this.tellNow()
  }

  #end(watched: Watched | undefined) {
    if (watched === undefined) return
    watched.end()
    this.#grown.delete(watched)
  }
}

function lastBase({ segments, end }: PartitionExtent): Position {
  return segments.at(-1)?.base ?? end
}

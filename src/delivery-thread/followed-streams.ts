import type { Peer } from "../calls/index.ts"
import {
  type FollowedLog,
  type FollowedPartition,
  type GrownPartition,
  KeyUnavailableError,
  type PartitionExtent,
  type PartitionName,
} from "../log/index.ts"
import type { MainProcedures } from "./procedures.ts"

/** The partitions of all streams as the delivery thread reads them: by itself, as far as the main thread tells that they are durable. */
export class FollowedStreams {
  readonly #log: FollowedLog
  readonly #main: Peer<MainProcedures>
  /** By the stream's uid; of each stream in the order of their numbers. */
  readonly #streams = new Map<string, readonly FollowedPartition[]>()

  constructor(log: FollowedLog, main: Peer<MainProcedures>) {
    this.#log = log
    this.#main = main
  }

  /** The partitions of a stream, from now on. */
  follow(streamUid: string, extents: readonly PartitionExtent[]): readonly FollowedPartition[] {
    const known = this.#streams.get(streamUid)
    if (known !== undefined) {
      // It is given again, since its delivery did not start: what was told between is told by this.
      for (const [partition, extent] of extents.entries()) known[partition]?.update(extent)
      return known
    }
    const followed = extents.map((extent, partition) => this.#follow({ streamUid, partition }, extent))
    this.#streams.set(streamUid, followed)
    return followed
  }

  grow(grown: readonly GrownPartition[]) {
    for (const { streamUid, partition, extent } of grown) this.#streams.get(streamUid)?.[partition]?.grow(extent)
  }

  forget(streamUid: string) {
    this.#streams.delete(streamUid)
  }

  #follow(name: PartitionName, extent: PartitionExtent): FollowedPartition {
    const main = this.#main
    const keys = {
      async find(keyId: string) {
        const found = await main.call("findKey", { ...name, keyId })
        if (found.kind === "found") return found.key
        throw new KeyUnavailableError(found.message, { code: found.code })
      },
    }
    return this.#log.follow(name, keys, {
      extent,
      extentNow: () => main.call("extentNow", name),
      trim: (position) => main.call("trim", { ...name, position }),
      skipTo: (position) => main.call("skipTo", { ...name, position }),
    })
  }
}

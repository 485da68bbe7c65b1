import type { Destination, DestinationKind } from "../destinations/index.ts"
import type { BufferPool, PartitionReader, Position } from "../log/index.ts"
import type { ErrorLog, Logger, Metrics } from "../observe/index.ts"
import type { Clock, Random } from "../platform/index.ts"
import type { StoredDestination, StreamDefinition } from "../streams/index.ts"
import type { AttemptMemory } from "./attempts.ts"
import type { CheckpointKeeper } from "./checkpoint.ts"
import type { DeliveredObject } from "./delivery.ts"

export interface DeliveryLimits {
  /** No buffer stays open longer, whatever its destination says; undefined for no such cap. */
  readonly intervalMsMax: number | undefined
  /** A record that could not be delivered for this long is dropped (spec/buffering.md, section 5). */
  readonly retentionMs: number
}

/** What the loops of all partitions share. */
export interface DeliveryWorld {
  readonly clock: Clock
  readonly random: Random
  readonly metrics: Pick<Metrics, "add">
  readonly errorLog: ErrorLog
  readonly limits: DeliveryLimits
  readonly kindOf: (stored: StoredDestination) => DestinationKind
  readonly openDestination: (stored: StoredDestination) => Destination
  readonly memory: AttemptMemory
  readonly buffers: BufferPool
}

export interface PartitionDeliveryOptions extends DeliveryWorld {
  readonly log: PartitionReader
  readonly checkpoint: CheckpointKeeper
  /** Where the log ended when it was opened. What was decided beyond was lost there, and so was never acknowledged. */
  readonly recoveredEnd: Position
  readonly logger: Logger
  /** The stream as it is now. */
  readonly stream: () => StreamDefinition
  readonly onDelivered: (object: DeliveredObject) => void
}

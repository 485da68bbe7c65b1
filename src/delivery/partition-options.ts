import type { Destination, DestinationKind } from "../destinations/index.ts"
import type { BufferPool, PartitionReader, Position } from "../log/index.ts"
import type { ErrorLog, Logger, Metrics } from "../observe/index.ts"
import type { Clock, Random } from "../platform/index.ts"
import type { StoredDestination, StreamDefinition } from "../streams/index.ts"
import type { DeliveryMemory } from "./attempts.ts"
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
  readonly memory: DeliveryMemory
  readonly buffers: BufferPool
}

/** Where the batches of a loop go: the stream's destination, or the one that keeps its source records. */
export interface Route {
  readonly destination: () => StoredDestination
  readonly purpose: "delivery" | "backup"
}

/** One of the loops that a partition has. */
export interface PartitionLoop {
  /** Arrival of the oldest record that is not delivered; undefined when there is none, or it was not looked at yet. */
  readonly oldestArrivalMs: number | undefined
  /** Records that it has not delivered. */
  readonly backlogRecords: number
  /**
   * Delivers what is stored by now without waiting for a buffer to fill. Answers true when that is done; false when
   * `signal`, or a stop, came first.
   */
  flush(signal: AbortSignal): Promise<boolean>
  /** Has every wait look again at the stream's definition: after an update. A failed delivery is tried again at once. */
  look(): void
  /** Ends the loop. Attempts under way may finish until `graceMs` are over; what is not confirmed then is repeated later. */
  stop(graceMs: number): Promise<void>
}

export interface PartitionDeliveryOptions extends DeliveryWorld {
  readonly log: PartitionReader
  readonly route: Route
  readonly checkpoint: CheckpointKeeper
  /** Where the log ended when it was opened. What was decided beyond was lost there, and so was never acknowledged. */
  readonly recoveredEnd: Position
  readonly logger: Logger
  /** The stream as it is now. */
  readonly stream: () => StreamDefinition
  readonly onDelivered: (object: DeliveredObject) => void
}

import type { Conversion, ConversionWorld, RowSchemaId } from "../conversion/index.ts"
import type { ErrorOutputType, ObjectStore, Partition, PartitionKeys, PartitionOutcome } from "../objects/index.ts"
import type { Random } from "../platform/index.ts"
import type { ProcessorChain, ProcessorWorld } from "../processors/index.ts"
import type { JsonObject, Shape } from "../shapes/index.ts"
import type { Tables } from "../tables/index.ts"
import type { Workers } from "../workers/index.ts"

/**
 * A kind of destination: how it is configured over the API, and how a batch gets there. A new kind is one folder beside
 * this file and one line in the table (index.ts); nothing else names it.
 */
export interface DestinationKind {
  /** Its name in the catalog and in messages. Never changed once released: catalogs hold it. */
  readonly name: string
  /** What its metrics begin with: spec/observability.md, section 1. */
  readonly metricsName: "DeliveryToS3"
  /** What it can promise. The delivery loop, the contract suite and the documentation read it. */
  readonly supports: {
    /** Delivering the same decision again changes nothing. */
    readonly idempotent: boolean
  }
  /**
   * Its members of CreateDeliveryStream, UpdateDestination and DescribeDeliveryStream. More than one where the API shows
   * one kind in several views, as S3 and ExtendedS3 (spec/config-shapes.md, section 2.2): each view is described.
   */
  readonly views: readonly DestinationView[]
  /**
   * Looks whether what a configuration names is there, when a client asks for it: what is wrong is the text of an
   * InvalidArgumentException. Streams that hydrant.yaml declares are not held up so: what is missing may come later.
   */
  verify?(stored: JsonObject, world: Pick<DestinationWorld, "tables">): Promise<string | undefined>
  /** The destination that a stored configuration describes. Throws when this kind never stored such a thing. */
  open(stored: JsonObject, world: DestinationWorld): Destination
}

/** What destinations reach the outside through. */
export interface DestinationWorld extends ConversionWorld {
  readonly objects: ObjectStore
  readonly random: Random
  /** Do what takes the processor long: compression. */
  readonly workers: Workers
  readonly processors: ProcessorWorld
  /** Have the columns of what records are converted to. */
  readonly tables: Tables
}

/** What goes beyond AWS, where the settings allow it. */
export interface Extensions {
  has(extension: "small-partitions" | "backup-delimiter" | "json-array" | "iana-time-zones"): boolean
}

/** One way to see a kind over the API. `create`, `merge` and `describe` get what their shape has read. */
export interface DestinationView {
  readonly configurationMember: string
  readonly updateMember: string
  readonly descriptionMember: string
  readonly configuration: Shape<object>
  readonly update: Shape<object>
  readonly description: Shape<object>
  /** Fills in defaults and checks the rules between members: spec/config-shapes.md, sections 2 and 3. */
  create(given: object): Configured
  /** Lays an update over what is stored: spec/config-shapes.md, section 2.9. */
  merge(stored: JsonObject, given: object): Configured
  describe(stored: JsonObject): JsonObject
}

export type Configured =
  /** To be stored: every default filled in. */
  | { readonly kind: "valid"; readonly stored: JsonObject }
  /** `message` is the text of the InvalidArgumentException. */
  | { readonly kind: "invalid"; readonly message: string }

/** A configured destination, as the delivery loop uses it. */
export interface Destination {
  readonly buffering: Buffering
  /** What records go through before they are buffered; undefined when they are delivered as they came. */
  readonly processing: Processing | undefined
  /** Where source records are kept as well: the kind of that destination, and its configuration. */
  readonly backup: StoredBackup | undefined
  /** How the error log and AWS's own logs name it: a bucket ARN, a URL. */
  readonly target: string
  /** Where failures are written for the stream's owner; undefined when that is off (spec/observability.md, section 2). */
  readonly errorLog: ErrorLogTarget | undefined
  /**
   * Decides all that names and shapes what will be delivered for one batch, so that repeating it after a crash gives the
   * same object to the last byte. The decision is durable before the first attempt, therefore JSON.
   */
  decide(facts: BatchFacts): JsonObject
  /** Where the batch of a decision is once it is delivered, for a person: `location` of what `deliver` answers. */
  locationOf(decision: JsonObject): string
  /** What an attempt holds in memory while it makes what it sends, beside that itself. `sizeBytes`: of the batch. */
  memoryBytes(decision: JsonObject, sizeBytes: number): number
  /**
   * One attempt. Retrying, backing off, giving up and counting are the loop's. A throw is taken as `later`.
   * `decision` is what `decide` answered, maybe in an earlier life of the process.
   */
  deliver(decision: JsonObject, batch: Batch, signal: AbortSignal): Promise<DeliveryOutcome>
}

export interface Processing {
  /** Undefined when there are no processors. */
  readonly chain: ProcessorChain | undefined
  /** The partition of a record that has these keys; undefined when there is no dynamic partitioning. */
  readonly partitionOf: ((keys: PartitionKeys, arrivalMs: number) => PartitionOutcome) | undefined
  /** Undefined when records are delivered as they are. */
  readonly conversion: Conversion | undefined
}

/** A destination that is configured inside another one. */
export interface StoredBackup {
  readonly kind: string
  readonly configuration: JsonObject
}

/** When a buffer closes: whichever is reached first (spec/buffering.md, section 1). */
export interface Buffering {
  /** Of the records, before compression. */
  readonly bufferBytesMax: number
  /** Counted from the arrival of the oldest record; 0 means as soon as possible. */
  readonly intervalMs: number
}

export interface ErrorLogTarget {
  readonly group: string
  readonly stream: string
}

/** What a batch is made of. */
export type BatchOutput =
  /** Records, as they came or as processors made them. `rows`: all of them passed the check by that schema, to be converted. */
  | { readonly kind: "data"; readonly rows?: RowSchemaId }
  /** The same, of one partition: an evaluated prefix, see `ObjectNaming.partitionOf`. */
  | { readonly kind: "partition"; readonly partition: Partition; readonly rows?: RowSchemaId }
  /** Error records, each a line of JSON (spec/s3.md, section 7). */
  | { readonly kind: "failed"; readonly type: ErrorOutputType }

/** What is known of a batch before its bytes are read. */
export interface BatchFacts {
  /** Whether it is what the stream delivers, or a copy of source records. */
  readonly purpose: "delivery" | "backup"
  readonly output: BatchOutput
  readonly streamName: string
  readonly streamVersion: number
  readonly oldestArrivalMs: number
  readonly recordCount: number
  /** Of the records. */
  readonly sizeBytes: number
}

/** The records that are delivered together: a range of the log, read anew at each attempt. */
export interface Batch extends BatchFacts {
  /** The records' bytes one after the other, in chunks of any size that may hold several records or a part of one. */
  bytes(): AsyncIterable<Uint8Array>
  /** The same, with what tells one record from the next. */
  records(): AsyncIterable<{ readonly lengths: Uint32Array; readonly data: Uint8Array }>
}

export type DeliveryOutcome =
  /** `location` tells a person where it is; `sizeBytes` is what was stored, after compression. */
  | { readonly kind: "delivered"; readonly location: string; readonly sizeBytes: number }
  /**
   * Not now. `mayBeDelivered` tells a refusal from an answer that was lost. `code`: spec/observability.md, section 3.
   * `outOfSpace`: the place is full, and may take the batch when fewer are under way.
   */
  | {
      readonly kind: "later"
      readonly mayBeDelivered: boolean
      readonly code: string
      readonly message: string
      readonly outOfSpace?: boolean
    }

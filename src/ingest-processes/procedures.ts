/** What the server's process and an ingest process ask of each other. */
import type { Performed } from "../api/index.ts"
import type { Settings, SigningCredential } from "../config/index.ts"
import type { GrownPartition, PartitionExtent, Position } from "../log/index.ts"
import type { MetricsDelta } from "../observe/index.ts"
import type { StreamDefinition } from "../streams/index.ts"

/** All that an ingest process must know to begin. */
export interface IngestProcessStart {
  /** From 1 on: also the number of the partition that it writes, of each stream. */
  readonly number: number
  readonly settings: Settings
  readonly credentials: ReadonlyMap<string, SigningCredential> | undefined
  /** PEM; undefined for plain HTTP. */
  readonly tls: { readonly certificate: string; readonly key: string } | undefined
}

/** Offered by an ingest process: taking puts, and the care of one partition of each stream. */
export interface IngestProcedures {
  start(given: IngestProcessStart): Promise<void>
  /** Opens its partition of a stream. `usedThrough`: positions before it were used, whatever the disk has lost of them. */
  open(given: { readonly stream: StreamDefinition; readonly usedThrough: Position }): Promise<PartitionExtent>
  /** Takes puts for a stream whose partition is open from now on, as this definition says. */
  admit(stream: StreamDefinition): Promise<void>
  /** Takes no more puts for a stream, and closes its partition. No error when there is none. */
  dismiss(given: { readonly streamUid: string }): Promise<void>
  extent(given: { readonly streamUid: string }): Promise<PartitionExtent>
  trim(given: PlaceInPartition): Promise<PartitionExtent>
  skipTo(given: PlaceInPartition): Promise<PartitionExtent>
  /** Answers the requests under way, and closes the connections; those that are left after `graceMs` are cut. */
  drain(given: { readonly graceMs: number }): Promise<void>
  /** Closes the partitions. The process ends when this is answered. */
  close(given: undefined): Promise<void>
}

export interface PlaceInPartition {
  readonly streamUid: string
  readonly position: Position
}

/** Offered by the server's process. */
export interface ServerProcedures {
  /** What became longer since the last time. */
  grew(partitions: readonly GrownPartition[]): Promise<void>
  counted(delta: MetricsDelta): Promise<void>
  /** Does what an ingest process can't: an operation on the catalog, or a put for a stream that it does not know. */
  perform(given: { readonly operation: string; readonly body: Buffer }): Promise<Performed>
}

/** What the server's main thread and its delivery thread ask of each other. */
import type { Settings } from "../config/index.ts"
import type { FlushOutcome, PreviewOutcome, PreviewRequest } from "../delivery/index.ts"
import type { FrameKey, GrownPartition, PartitionExtent, PartitionName, Position } from "../log/index.ts"
import type { GaugeValue, MetricsDelta } from "../observe/index.ts"
import type { StreamDefinition } from "../streams/index.ts"

/** Offered by the delivery thread: delivery/delivery.ts, in the form of messages. */
export interface DeliveryProcedures {
  begin(settings: Settings): Promise<void>
  /** `partitions`: how far each of the stream's partitions is durable, in the order of their numbers. */
  start(given: { readonly stream: StreamDefinition; readonly partitions: readonly PartitionExtent[] }): Promise<void>
  update(stream: StreamDefinition): Promise<void>
  stop(given: { readonly streamUid: string }): Promise<void>
  forget(given: { readonly streamUid: string }): Promise<void>
  grew(partitions: readonly GrownPartition[]): Promise<void>
  flush(given: { readonly streamName: string; readonly flushId: number }): Promise<FlushOutcome | undefined>
  /** Has a flush answered with what it came to. No error when it was. */
  endFlush(given: { readonly flushId: number }): Promise<void>
  preview(given: PreviewRequest & { readonly previewId: number }): Promise<PreviewOutcome>
  /** Has a preview answered as ended. No error when it was answered. */
  endPreview(given: { readonly previewId: number }): Promise<void>
  gauges(given: undefined): Promise<readonly GaugeValue[]>
  close(given: { readonly graceMs: number }): Promise<void>
}

/** Offered by the main thread, which has the catalog, the keys and the writers of all partitions, or the way to them. */
export interface MainProcedures {
  extentNow(name: PartitionName): Promise<PartitionExtent>
  trim(given: PartitionName & { readonly position: Position }): Promise<PartitionExtent>
  skipTo(given: PartitionName & { readonly position: Position }): Promise<PartitionExtent>
  findKey(given: PartitionName & { readonly keyId: string }): Promise<FoundKey>
  counted(delta: MetricsDelta): Promise<void>
  /** Takes a line of the log, as JSON. */
  logged(line: string): Promise<void>
}

export type FoundKey =
  | { readonly kind: "found"; readonly key: FrameKey }
  /** A KeyUnavailableError. */
  | { readonly kind: "unavailable"; readonly message: string; readonly code: string }

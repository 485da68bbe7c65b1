import type { PartitionReader } from "../log/index.ts"
import type { StreamDefinition } from "../streams/index.ts"
import type { PreviewOutcome, PreviewRequest } from "./preview.ts"

/**
 * Delivery of all streams: a loop for each partition. It reads the log and knows nothing of ingest. `Partition`: what it is
 * given to read.
 *
 * - buffer: a range of the log that will become one batch; it closes by size or by age.
 * - batch: what is delivered together, as one object or request.
 * - decision: what a batch is named and shaped by; durable before the first attempt.
 * - checkpoint: how far delivery has come (checkpoint.ts).
 */
export interface Delivery<Partition = PartitionReader> {
  /**
   * Begins, or goes on, with the delivery of a stream. Resolves when the log was told which positions were used already;
   * only then may records be appended. `partitions`: one for each of the stream's partition numbers, in order. A stream
   * that was started is updated.
   * @throws Error when a checkpoint is damaged
   */
  start(stream: StreamDefinition, partitions: readonly Partition[]): Promise<void>
  /** Takes a stream's new definition into account: another destination, delivery paused or resumed. */
  update(stream: StreamDefinition): Promise<void>
  /** Ends the delivery of a stream at once; its checkpoints stay. No error when there is none. */
  stop(streamUid: string): Promise<void>
  /** Deletes the checkpoints of a stream whose delivery was stopped. */
  forget(streamUid: string): Promise<void>
  /** Ends the delivery of all streams, for good; attempts under way may finish for `graceMs`. */
  close(graceMs: number): Promise<void>
  /**
   * Closes the buffers of a stream now and resolves when everything that was acknowledged before the call is delivered,
   * or when `signal` is aborted. Answers undefined when the stream is not being delivered (unknown, paused).
   */
  flush(streamName: string, signal: AbortSignal): Promise<FlushOutcome | undefined>
  /** What would become of records. Nothing is stored, delivered or counted; functions are run, though. See preview.ts. */
  preview(request: PreviewRequest, signal: AbortSignal): Promise<PreviewOutcome>
}

export interface FlushOutcome {
  /** False when `signal` ended the wait. */
  readonly complete: boolean
  /** What was delivered meanwhile. */
  readonly delivered: readonly DeliveredObject[]
}

export interface DeliveredObject {
  readonly location: string
  readonly recordCount: number
  /** Bytes of its records, before compression. */
  readonly sizeBytes: number
}

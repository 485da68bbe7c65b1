import type { BatchOutput } from "../destinations/index.ts"
import { advance, type MeasuredFrame, type Position } from "../log/index.ts"

/** What will become one batch: measured, and not held. */
export interface Buffered extends Measured {
  readonly output: BatchOutput
  readonly lostCount: number
  /** Bytes of the source records that its records were made of. */
  readonly sourceBytes: number
}

/** A range of the log, measured. */
export interface Measured {
  readonly from: Position
  /** The position after its last record. */
  readonly to: Position
  readonly recordCount: number
  /** Bytes of its records. */
  readonly sizeBytes: number
  readonly oldestArrivalMs: number
  readonly newestArrivalMs: number
}

/** A range as one batch of its records as they are. */
export function asBuffered(range: Measured): Buffered {
  const lostCount = range.to - range.from - range.recordCount
  return { ...range, output: { kind: "data" }, lostCount, sourceBytes: range.sizeBytes }
}

/** A range with a frame added. */
export function addFrame(buffered: Measured | undefined, frame: MeasuredFrame): Measured {
  return {
    from: buffered?.from ?? frame.position,
    to: advance(frame.position, frame.recordCount),
    recordCount: (buffered?.recordCount ?? 0) + frame.recordCount,
    sizeBytes: (buffered?.sizeBytes ?? 0) + frame.sizeBytes,
    oldestArrivalMs: buffered?.oldestArrivalMs ?? frame.arrivalMs,
    newestArrivalMs: frame.arrivalMs,
  }
}

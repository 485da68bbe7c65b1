import { advance, type MeasuredFrame, type Position } from "../log/index.ts"

/** What will become one batch: a range of the log, measured and not held. */
export interface Buffered {
  readonly from: Position
  /** The position after its last record. */
  readonly to: Position
  readonly recordCount: number
  /** Bytes of its records. */
  readonly sizeBytes: number
  readonly oldestArrivalMs: number
  readonly newestArrivalMs: number
}

/** A buffer with a frame added. */
export function addFrame(buffered: Buffered | undefined, frame: MeasuredFrame): Buffered {
  return {
    from: buffered?.from ?? frame.position,
    to: advance(frame.position, frame.recordCount),
    recordCount: (buffered?.recordCount ?? 0) + frame.recordCount,
    sizeBytes: (buffered?.sizeBytes ?? 0) + frame.sizeBytes,
    oldestArrivalMs: buffered?.oldestArrivalMs ?? frame.arrivalMs,
    newestArrivalMs: frame.arrivalMs,
  }
}

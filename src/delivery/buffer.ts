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

/**
 * Cuts a frame behind the record with which its bytes reach `bytesWanted`: that one is the last in a buffer
 * (spec/buffering.md, section 1), and the rest begins the next one. `lengths`: of its records.
 */
export function cutFrame(
  frame: MeasuredFrame,
  lengths: Iterable<number>,
  bytesWanted: number,
): { readonly taken: MeasuredFrame; readonly rest: MeasuredFrame | undefined } {
  let recordCount = 0
  let sizeBytes = 0
  for (const length of lengths) {
    recordCount++
    sizeBytes += length
    if (sizeBytes >= bytesWanted) break
  }
  const restCount = frame.recordCount - recordCount
  const position = advance(frame.position, recordCount)
  return {
    taken: { ...frame, recordCount, sizeBytes },
    rest:
      restCount === 0
        ? undefined
        : { ...frame, position, recordCount: restCount, sizeBytes: frame.sizeBytes - sizeBytes },
  }
}

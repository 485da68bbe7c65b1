import { advance, type Frame, type Position } from "../log/index.ts"

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

/**
 * A buffer with as much of a frame added as it takes to reach `bytesMax`: the record that reaches it is the last one in
 * (spec/buffering.md, section 1). The rest of the frame begins the next buffer.
 */
export function addFrame(buffered: Buffered | undefined, frame: Frame, bytesMax: number): Buffered {
  const taken = takeRecords(frame, bytesMax - (buffered?.sizeBytes ?? 0))
  return {
    from: buffered?.from ?? frame.position,
    to: advance(frame.position, taken.recordCount),
    recordCount: (buffered?.recordCount ?? 0) + taken.recordCount,
    sizeBytes: (buffered?.sizeBytes ?? 0) + taken.sizeBytes,
    oldestArrivalMs: buffered?.oldestArrivalMs ?? frame.arrivalMs,
    newestArrivalMs: frame.arrivalMs,
  }
}

/** The first records of a frame until their bytes reach `bytesWanted`; at least one. */
function takeRecords(frame: Frame, bytesWanted: number): { recordCount: number; sizeBytes: number } {
  if (frame.data.byteLength < bytesWanted) {
    return { recordCount: frame.lengths.length, sizeBytes: frame.data.byteLength }
  }
  let recordCount = 0
  let sizeBytes = 0
  for (const length of frame.lengths) {
    recordCount++
    sizeBytes += length
    if (sizeBytes >= bytesWanted) break
  }
  return { recordCount, sizeBytes }
}

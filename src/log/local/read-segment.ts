import path from "node:path"
import { type Disk, unlessMissing } from "../../platform/index.ts"
import { advance, type Damage, type Frame, type Position, type ReadResult } from "../log.ts"
import type { PlaceIndex } from "./place-index.ts"
import { scanFrames } from "./scan.ts"
import { segmentHeaderBytes, segmentPath } from "./segment-file.ts"

/** A segment, or the durable part of the one that is being written, as a reader sees it. */
export interface ReadableSegment {
  readonly base: Position
  /** The position after its last record: where the next segment begins. */
  readonly end: Position
  readonly sizeBytes: number
  readonly places: PlaceIndex
}

/** Bytes to read from the file at a time. */
const chunkBytesMax = 1024 * 1024

/**
 * The frames of one segment from `from` on, until their data adds up to `maxBytes`: at least one, or damage, as long as
 * `from` is before the segment's end.
 */
export async function readSegment(
  disk: Disk,
  folder: string,
  segment: ReadableSegment,
  from: Position,
  maxBytes: number,
): Promise<ReadResult> {
  const name = path.basename(segmentPath(folder, segment.base))
  const lost = (start: Position, to: Position, reason: string): Damage => ({ from: start, to, reason })
  const file = await disk.open(segmentPath(folder, segment.base), "read").catch(unlessMissing)
  if (file === undefined) {
    return { frames: [], damage: [lost(from, segment.end, `segment "${name}" is missing`)], next: segment.end }
  }
  const frames: Frame[] = []
  const damage: Damage[] = []
  let next = from
  let dataBytes = 0
  try {
    const range = {
      ...(segment.places.before(from) ?? { offset: segmentHeaderBytes, position: segment.base }),
      endOffset: segment.sizeBytes,
      chunkBytes: Math.min(maxBytes, chunkBytesMax),
    }
    for await (const item of scanFrames(file, range)) {
      if (item.kind === "bad") {
        const to = item.next?.position ?? segment.end
        const where = `bytes ${item.offset} to ${item.next?.offset ?? segment.sizeBytes} of segment "${name}" are damaged`
        if (to > next) {
          damage.push(lost(next, to, where))
          next = to
        }
        continue
      }
      segment.places.add({ position: item.frame.position, offset: item.offset })
      const frameEnd = advance(item.frame.position, item.frame.lengths.length)
      if (frameEnd > segment.end) break
      if (frameEnd <= from) continue
      frames.push(frameFrom(item.frame, next))
      next = frameEnd
      dataBytes += item.frame.data.byteLength
      if (dataBytes >= maxBytes || next >= segment.end) break
    }
  } finally {
    await file.close()
  }
  if (frames.length === 0 && next < segment.end) {
    damage.push(lost(next, segment.end, `segment "${name}" ends before it should`))
    next = segment.end
  }
  return { frames, damage, next }
}

/** The records of a frame from `from` on. */
function frameFrom(frame: Frame, from: Position): Frame {
  const skipCount = from - frame.position
  if (skipCount <= 0) return frame
  const skipBytes = frame.lengths.subarray(0, skipCount).reduce((sum, length) => sum + length, 0)
  return {
    position: from,
    arrivalMs: frame.arrivalMs,
    lengths: frame.lengths.subarray(skipCount),
    data: frame.data.subarray(skipBytes),
  }
}

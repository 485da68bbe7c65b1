import path from "node:path"
import { type Disk, unlessMissing } from "../../platform/index.ts"
import { advance, type Damage, type Frame, type FrameKeys, type Position, type ReadResult } from "../log.ts"
import { readFrame } from "./frame.ts"
import type { PlaceIndex } from "./place-index.ts"
import { scanFrames } from "./scan.ts"
import { deriveSegmentKey } from "./seal.ts"
import { readSegmentHeader, type SealedWith, segmentPath } from "./segment-file.ts"

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
 * @throws KeyUnavailableError, and what the disk throws
 */
export async function readSegment(
  { disk, folder, keys }: { readonly disk: Disk; readonly folder: string; readonly keys: FrameKeys },
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
    const { header, framesOffset } = await readSegmentHeader(file)
    const key = header?.sealedWith && (await segmentKey(keys, header.sealedWith))
    const range = {
      header,
      ...(segment.places.before(from) ?? { offset: framesOffset, position: segment.base }),
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
      const { position, recordCount } = item.header
      segment.places.add({ position, offset: item.offset })
      const frameEnd = advance(position, recordCount)
      if (frameEnd > segment.end) break
      if (frameEnd <= from) continue
      const frame = readFrame(item.bytes, item.header, key)
      if (frame === undefined) {
        const where = `bytes ${item.offset} to ${item.endOffset} of segment "${name}"`
        damage.push(lost(next, frameEnd, `${where} are not what was sealed, or their key is not known`))
      } else {
        frames.push(frameFrom(frame, next))
        dataBytes += frame.data.byteLength
      }
      next = frameEnd
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

async function segmentKey(keys: FrameKeys, { keyId, keySalt }: SealedWith): Promise<Buffer> {
  return deriveSegmentKey((await keys.find(keyId)).secret, keySalt)
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

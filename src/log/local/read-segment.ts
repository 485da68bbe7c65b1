import path from "node:path"
import { type Disk, type DiskFile, unlessMissing } from "../../platform/index.ts"
import {
  advance,
  type Damage,
  type Frame,
  type MeasuredFrame,
  type Measurement,
  type Position,
  type ReadingKeys,
  type ReadPiece,
} from "../log.ts"
import { frameDataBytes, readFrame } from "./frame.ts"
import type { PlaceIndex } from "./place-index.ts"
import { type Bad, scanFrames, scanHeaders } from "./scan.ts"
import { deriveSegmentKey } from "./seal.ts"
import { type FoundHeader, readSegmentHeader, type SealedWith, segmentPath } from "./segment-file.ts"

/** A segment, or the durable part of the one that is being written, as a reader sees it. */
export interface ReadableSegment {
  readonly folder: string
  readonly base: Position
  /** The position after its last record: where the next segment begins. */
  readonly end: Position
  readonly sizeBytes: number
  readonly places: PlaceIndex
}

/** Where segments are read from. */
export interface SegmentSource {
  readonly disk: Disk
  readonly keys: ReadingKeys
}

/**
 * The frames of one segment from `from` on up to `to`, by way of `buffer`: each piece is good until the next one is asked
 * for. The pieces and their damage leave nothing out.
 * @throws KeyUnavailableError, and what the disk throws
 */
export async function* readSegment(
  { disk, keys }: SegmentSource,
  segment: ReadableSegment,
  { from, to, buffer }: { readonly from: Position; readonly to: Position; readonly buffer: Buffer },
): AsyncGenerator<ReadPiece> {
  const file = await disk.open(segmentPath(segment.folder, segment.base), "read").catch(unlessMissing)
  if (file === undefined) return yield lostRest(segment, from, to, "is missing")
  let next = from
  try {
    const found = await readSegmentHeader(file)
    const key = found.header?.sealedWith && (await segmentKey(keys, found.header.sealedWith))
    for await (const scanned of scanFrames(file, rangeOf(segment, found, from, buffer))) {
      const frames: Frame[] = []
      const damage: Damage[] = []
      for (const item of scanned) {
        if (next >= to) break
        if (item.kind === "bad") {
          const lost = lostTo(segment, next, item)
          if (lost !== undefined) {
            damage.push({ ...lost, to: earlier(lost.to, to) })
            next = lost.to
          }
          continue
        }
        const { position, recordCount, frameBytes } = item.header
        segment.places.add({ position, offset: item.offset })
        const frameEnd = advance(position, recordCount)
        if (frameEnd > segment.end) break
        if (frameEnd <= from) continue
        const frame = readFrame(item.bytes, item.header, key)
        if (frame === undefined) {
          const where = `bytes ${item.offset} to ${item.offset + frameBytes} of segment "${nameOf(segment)}"`
          const reason = `${where} are not what was sealed, or their key is not known`
          damage.push({ from: next, to: earlier(frameEnd, to), reason })
        } else {
          frames.push(framePart(frame, next, to))
        }
        next = frameEnd
      }
      if (frames.length > 0 || damage.length > 0) yield { frames, damage, next: earlier(next, to) }
      if (next >= to || next >= segment.end) return
    }
  } finally {
    await file.close()
  }
  yield lostRest(segment, next, to, "ends before it should")
}

/** Frames to measure at a time: what one measurement may take of memory. */
const framesMax = 4096

export interface MeasureRange {
  readonly from: Position
  /** Bytes of records that are wanted. */
  readonly maxBytes: number
  readonly buffer: Buffer
}

/**
 * The sizes of the frames of one segment from `from` on, until they hold `maxBytes`: of at least one, or damage. It reads
 * what lies between the headers too, by way of `buffer`: that costs less than a read of the disk for each header.
 */
export async function measureSegment(disk: Disk, segment: ReadableSegment, range: MeasureRange): Promise<Measurement> {
  const file = await disk.open(segmentPath(segment.folder, segment.base), "read").catch(unlessMissing)
  if (file === undefined) return { ...lostRest(segment, range.from, segment.end, "is missing"), frames: [] }
  try {
    return await measureFile(file, segment, range)
  } finally {
    await file.close()
  }
}

async function measureFile(
  file: DiskFile,
  segment: ReadableSegment,
  { from, maxBytes, buffer }: MeasureRange,
): Promise<Measurement> {
  const frames: MeasuredFrame[] = []
  const damage: Damage[] = []
  let next = from
  let dataBytes = 0
  const found = await readSegmentHeader(file)
  try {
    for await (const scanned of scanHeaders(file, rangeOf(segment, found, from, buffer))) {
      for (const item of scanned) {
        if (item.kind === "bad") {
          const lost = lostTo(segment, next, item)
          if (lost !== undefined) {
            damage.push(lost)
            next = lost.to
          }
          continue
        }
        const { position, recordCount, arrivalMs } = item.header
        segment.places.add({ position, offset: item.offset })
        const end = advance(position, recordCount)
        if (end > segment.end) break
        if (end <= from) continue
        const sizeBytes = frameDataBytes(item.header)
        frames.push({ position, recordCount, sizeBytes, arrivalMs })
        next = end
        dataBytes += sizeBytes
        if (dataBytes >= maxBytes || frames.length === framesMax) return { frames, damage, next }
      }
      if (next >= segment.end) break
    }
  } catch (error) {
    // What was read before a failure is no worse for it: it is given first, and the failure comes again behind it.
    if (frames.length === 0) throw error
    return { frames, damage, next }
  }
  if (next >= segment.end) return { frames, damage, next }
  const rest = lostRest(segment, next, segment.end, "ends before it should")
  return { frames, damage: [...damage, ...rest.damage], next: rest.next }
}

async function segmentKey(keys: ReadingKeys, { keyId, keySalt }: SealedWith): Promise<Buffer> {
  return deriveSegmentKey((await keys.find(keyId)).secret, keySalt)
}

function rangeOf(segment: ReadableSegment, { header, framesOffset }: FoundHeader, from: Position, buffer: Buffer) {
  const place = segment.places.before(from) ?? { offset: framesOffset, position: segment.base }
  return { header, ...place, endOffset: segment.sizeBytes, buffer }
}

/** What is lost from `next` on to the next good frame; undefined when there is nothing between. */
function lostTo(segment: ReadableSegment, next: Position, bad: Bad): Damage | undefined {
  const to = bad.next?.position ?? segment.end
  if (to <= next) return undefined
  const endOffset = bad.next?.offset ?? segment.sizeBytes
  return { from: next, to, reason: `bytes ${bad.offset} to ${endOffset} of segment "${nameOf(segment)}" are damaged` }
}

/** All from `from` to the segment's end is lost; as far as it was asked for, up to `to`. */
function lostRest(segment: ReadableSegment, from: Position, to: Position, what: string): ReadPiece {
  const next = earlier(segment.end, to)
  return { frames: [], damage: [{ from, to: next, reason: `segment "${nameOf(segment)}" ${what}` }], next }
}

function earlier(one: Position, other: Position): Position {
  return one < other ? one : other
}

function nameOf({ folder, base }: ReadableSegment): string {
  return path.basename(segmentPath(folder, base))
}

/** The records of a frame from `from` on up to `to`. */
function framePart(frame: Frame, from: Position, to: Position): Frame {
  const skipCount = Math.max(0, from - frame.position)
  const endCount = Math.min(frame.lengths.length, to - frame.position)
  if (skipCount === 0 && endCount === frame.lengths.length) return frame
  const sum = (lengths: Uint32Array) => lengths.reduce((total, length) => total + length, 0)
  const skipBytes = sum(frame.lengths.subarray(0, skipCount))
  const lengths = frame.lengths.subarray(skipCount, endCount)
  return {
    position: advance(frame.position, skipCount),
    arrivalMs: frame.arrivalMs,
    lengths,
    data: frame.data.subarray(skipBytes, skipBytes + sum(lengths)),
  }
}

import path from "node:path"
import { type Disk, type DiskFile, unlessMissing } from "../../platform/index.ts"
import { advance, asPosition, type Position } from "../log.ts"
import { readEndMark } from "./end-mark.ts"
import { PlaceIndex } from "./place-index.ts"
import { scanFrames } from "./scan.ts"
import { type FoundHeader, readSegmentHeader, segmentBase, segmentPath } from "./segment-file.ts"

/** A segment that is not written to any more. */
export interface FinishedSegment {
  readonly base: Position
  readonly sizeBytes: number
  readonly places: PlaceIndex
}

export interface Recovered {
  /** In the order of their positions. */
  readonly segments: readonly FinishedSegment[]
  /** The position after the last record that is there. */
  readonly end: Position
  /** What is worth telling the operator. */
  readonly notes: readonly string[]
}

/** Bytes to read from the segment at a time. */
const scanBytesMax = 1024 * 1024

/**
 * Finds what a partition's folder holds after any stop, and makes that durable: from then on it counts as stored.
 *
 * Only the last segment can have been written to when the process ended. If that was a clean stop, a mark says where it ends.
 * Otherwise, what its last write left unfinished was never acknowledged, and is cut off. A bad frame with good ones after
 * it stays: reading tells it as damage.
 */
export async function recover(disk: Disk, folder: string): Promise<Recovered> {
  const notes: string[] = []
  const segments = await findSegments(disk, folder, notes)
  const last = segments.pop()
  if (last === undefined) return { segments: [], end: asPosition(0), notes }
  const tail = await recoverTail(disk, segmentPath(folder, last.base), last.base, notes)
  const { sizeBytes, places, end } = tail
  return { segments: [...segments, { base: last.base, sizeBytes, places }], end, notes }
}

/** The segments in a folder, in the order of their positions. A file that has another one's name gets its own back. */
async function findSegments(disk: Disk, folder: string, notes: string[]): Promise<FinishedSegment[]> {
  const segments: FinishedSegment[] = []
  const names = (await disk.list(folder).catch(unlessMissing)) ?? []
  for (const name of names) {
    const named = segmentBase(name)
    if (named === undefined) {
      notes.push(`"${name}" is not the name of a segment: if it was one, its records are missing until it is again`)
      continue
    }
    const file = path.join(folder, name)
    const { sizeBytes, found } = await inspect(disk, file)
    if (found.isDamaged && sizeBytes > found.framesOffset) {
      notes.push(`The header of segment "${name}" is damaged; ${whatDamageCosts(found)}`)
    }
    const base = found.header?.base ?? named
    if (base !== named) {
      const ownName = path.basename(segmentPath(folder, base))
      if (names.includes(ownName)) {
        notes.push(`"${name}" holds the records from position ${base} on, as "${ownName}" does: it is left alone`)
        continue
      }
      notes.push(`"${name}" holds the records from position ${base} on: it was renamed to "${ownName}"`)
      await disk.rename(file, segmentPath(folder, base))
      await disk.syncFolder(folder)
    }
    segments.push({ base, sizeBytes, places: new PlaceIndex() })
  }
  return segments.sort((one, other) => one.base - other.base)
}

async function inspect(disk: Disk, file: string): Promise<{ sizeBytes: number; found: FoundHeader }> {
  const handle = await disk.open(file, "read")
  try {
    return { sizeBytes: await handle.size(), found: await readSegmentHeader(handle) }
  } finally {
    await handle.close()
  }
}

function whatDamageCosts({ header }: FoundHeader): string {
  return header === undefined ? "its records are read unless they are sealed" : "it is there twice, and nothing is lost"
}

async function recoverTail(disk: Disk, file: string, base: Position, notes: string[]) {
  const places = new PlaceIndex()
  const handle = await disk.open(file, "update")
  try {
    const sizeBytes = await handle.size()
    const { header, framesOffset } = await readSegmentHeader(handle)
    const mark = header && (await readEndMark(handle, sizeBytes, header.salt))
    if (mark !== undefined && mark.position >= base) return { sizeBytes: mark.offset, places, end: mark.position }
    if (sizeBytes <= framesOffset) {
      notes.push(
        `Segment "${path.basename(file)}" holds no records: the process ended when it had just begun it, ` +
          "or the file was damaged and what it held is lost",
      )
    }
    let endOffset = Math.min(framesOffset, sizeBytes)
    let end = base
    let badOffset: number | undefined
    let lastGroupOffset = 0
    const buffer = Buffer.allocUnsafeSlow(Math.min(scanBytesMax, sizeBytes))
    const range = { header, offset: framesOffset, position: base, endOffset: sizeBytes, buffer }
    for await (const piece of scanFrames(handle, range)) {
      for (const item of piece) {
        if (item.kind === "bad") {
          badOffset ??= item.offset
          continue
        }
        const { position, frameBytes, groupOffset, recordCount } = item.header
        places.add({ position, offset: item.offset })
        endOffset = item.offset + frameBytes
        lastGroupOffset = groupOffset
        end = advance(position, recordCount)
      }
    }
    const writtenTo = await endOfNonZeros(handle, endOffset, sizeBytes, buffer)
    if (writtenTo > endOffset) {
      notes.push(
        `Cut ${writtenTo - endOffset} bytes of an unfinished write off segment "${path.basename(file)}": ` +
          "no record in them was acknowledged",
      )
    }
    if (sizeBytes > endOffset) await handle.truncate(endOffset)
    if (badOffset !== undefined && badOffset < endOffset) {
      const inLastWrite = badOffset >= lastGroupOffset
      notes.push(
        `Segment "${path.basename(file)}" holds damaged records at byte ${badOffset}` +
          (inLastWrite ? ", in its last write: they may be of a write that a crash cut short, and nobody's loss" : ""),
      )
    }
    await handle.sync()
    return { sizeBytes: endOffset, places, end }
  } finally {
    await handle.close()
  }
}

/** Where the last byte that is not zero ends between two offsets; `from` when there is none. Zeros there were never written over. */
async function endOfNonZeros(handle: DiskFile, from: number, to: number, buffer: Buffer): Promise<number> {
  let end = from
  for (let offset = from; offset < to; offset += buffer.length) {
    const readBytes = await handle.read(buffer.subarray(0, to - offset), offset)
    const lastIndex = buffer.subarray(0, readBytes).findLastIndex((byte) => byte !== 0)
    if (lastIndex >= 0) end = offset + lastIndex + 1
  }
  return end
}

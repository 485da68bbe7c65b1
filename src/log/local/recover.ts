import path from "node:path"
import type { Disk, DiskFile } from "../../platform/index.ts"
import { advance, asPosition, type Position } from "../log.ts"
import { PlaceIndex } from "./place-index.ts"
import { scanFrames } from "./scan.ts"
import { readSegmentHeader, segmentBase, segmentPath } from "./segment-file.ts"

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
 * Only the last segment can have been written to when the process ended. What its last write left unfinished was never
 * acknowledged, and is cut off. A bad frame with good ones after it stays: reading tells it as damage.
 */
export async function recover(disk: Disk, folder: string): Promise<Recovered> {
  const bases = (await disk.list(folder)).map(segmentBase).filter((base) => base !== undefined)
  const last = bases.at(-1)
  if (last === undefined) return { segments: [], end: asPosition(0), notes: [] }
  const finished: FinishedSegment[] = []
  for (const base of bases.slice(0, -1)) {
    finished.push({ base, sizeBytes: await sizeOf(disk, segmentPath(folder, base)), places: new PlaceIndex() })
  }
  const tail = await recoverTail(disk, segmentPath(folder, last), last)
  const { sizeBytes, places, end, notes } = tail
  return { segments: [...finished, { base: last, sizeBytes, places }], end, notes }
}

async function sizeOf(disk: Disk, file: string): Promise<number> {
  const handle = await disk.open(file, "read")
  try {
    return await handle.size()
  } finally {
    await handle.close()
  }
}

async function recoverTail(disk: Disk, file: string, base: Position) {
  const notes: string[] = []
  const places = new PlaceIndex()
  const handle = await disk.open(file, "update")
  try {
    const sizeBytes = await handle.size()
    const { header, framesOffset, isDamaged } = await readSegmentHeader(handle)
    if (isDamaged && sizeBytes > framesOffset) {
      notes.push(`The header of segment "${path.basename(file)}" is damaged; its records are read all the same`)
    }
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
    return { sizeBytes: endOffset, places, end, notes }
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

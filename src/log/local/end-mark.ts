import { crc32 } from "node:zlib"
import type { DiskFile } from "../../platform/index.ts"
import { asPosition, type Position } from "../log.ts"

/**
 * What a clean stop writes behind the last frame of the last segment. After it damage to that frame is told from a write
 * that a crash cut short, and recovery need not look for the end. All numbers are little-endian.
 *
 *     offset  bytes
 *          0      8  magic "HYDREND1"
 *          8      8  the position after the last record
 *         16      8  where in the file the mark stands: at its end
 *         24      4  the segment's salt
 *         28      4  CRC-32 of the bytes before
 */
const endMarkBytes = 32
const magic = "HYDREND1"

export interface EndMark {
  readonly position: Position
  readonly offset: number
}

export function encodeEndMark({ position, offset }: EndMark, salt: number): Buffer {
  const mark = Buffer.alloc(endMarkBytes)
  mark.write(magic, "latin1")
  mark.writeBigUInt64LE(BigInt(position), 8)
  mark.writeBigUInt64LE(BigInt(offset), 16)
  mark.writeUInt32LE(salt, 24)
  mark.writeUInt32LE(crc32(mark.subarray(0, 28)), 28)
  return mark
}

/** The mark at the end of a segment file; undefined when there is none, or a damaged one. Throws only what the disk throws. */
export async function readEndMark(file: DiskFile, fileBytes: number, salt: number): Promise<EndMark | undefined> {
  const offset = fileBytes - endMarkBytes
  if (offset < 0) return undefined
  const mark = Buffer.alloc(endMarkBytes)
  await file.read(mark, offset)
  const isWhole =
    mark.toString("latin1", 0, magic.length) === magic && mark.readUInt32LE(28) === crc32(mark.subarray(0, 28))
  if (!isWhole || mark.readUInt32LE(24) !== salt || mark.readBigUInt64LE(16) !== BigInt(offset)) return undefined
  return { position: asPosition(Number(mark.readBigUInt64LE(8))), offset }
}

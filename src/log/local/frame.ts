import { crc32 } from "node:zlib"
import { asPosition, type Frame, type Position, type RecordBatch } from "../log.ts"

/**
 * A frame in a segment file; all numbers are little-endian.
 *
 *     offset  bytes
 *          0      4  magic "HYF1"
 *          4      4  CRC-32 of bytes 8 to 47: the header can be trusted without the rest
 *          8      4  CRC-32 of everything after the header
 *         12      4  bytes of the whole frame, the header included
 *         16      4  number of records
 *         20      4  the segment's salt, so that no record can hold what looks like a frame of this file
 *         24      8  position of the first record
 *         32      8  arrival time, milliseconds since the epoch
 *         40      8  group offset: where in the file the write began that this frame was part of. Everything before it
 *                    was durable by then; so a bad frame before it was once good, and is damage, not a torn write
 *         48      4n the records' lengths
 *      48+4n         the records' bytes, one after the other: an uncompressed object is made by copying them as they are
 */
export const frameHeaderBytes = 48

const magic = 0x31465948

export interface FrameHeader {
  readonly frameBytes: number
  readonly recordCount: number
  readonly position: Position
  readonly arrivalMs: number
  readonly groupOffset: number
  readonly bodyCrc: number
}

/** Bytes that a batch takes as a frame. */
export function frameSizeBytes(batch: RecordBatch): number {
  return frameHeaderBytes + batch.lengths.byteLength + batch.data.byteLength
}

/** Writes a batch as a frame into `target` at `offset`; answers where it ends. */
export function writeFrame(
  target: Buffer,
  offset: number,
  batch: RecordBatch,
  at: {
    readonly position: Position
    readonly arrivalMs: number
    readonly groupOffset: number
    readonly salt: number
  },
): number {
  const lengthsAt = offset + frameHeaderBytes
  const dataAt = lengthsAt + batch.lengths.byteLength
  const end = dataAt + batch.data.byteLength
  for (let index = 0, lengthAt = lengthsAt; index < batch.lengths.length; index++, lengthAt += 4) {
    target.writeUInt32LE(batch.lengths[index] ?? 0, lengthAt)
  }
  target.set(batch.data, dataAt)
  target.writeUInt32LE(magic, offset)
  target.writeUInt32LE(crc32(target.subarray(lengthsAt, end)), offset + 8)
  target.writeUInt32LE(end - offset, offset + 12)
  target.writeUInt32LE(batch.lengths.length, offset + 16)
  target.writeUInt32LE(at.salt, offset + 20)
  writeUInt64(target, at.position, offset + 24)
  writeUInt64(target, at.arrivalMs, offset + 32)
  writeUInt64(target, at.groupOffset, offset + 40)
  target.writeUInt32LE(crc32(target.subarray(offset + 8, lengthsAt)), offset + 4)
  return end
}

/**
 * The header at `offset`, or undefined when there is none, or a damaged one, or one of another segment. `salt` is the
 * segment's; undefined when that is not known, and so can't be checked.
 */
export function readFrameHeader(source: Buffer, offset: number, salt: number | undefined): FrameHeader | undefined {
  if (offset + frameHeaderBytes > source.length) return undefined
  if (source.readUInt32LE(offset) !== magic) return undefined
  if (salt !== undefined && source.readUInt32LE(offset + 20) !== salt) return undefined
  if (source.readUInt32LE(offset + 4) !== crc32(source.subarray(offset + 8, offset + frameHeaderBytes)))
    return undefined
  const frameBytes = source.readUInt32LE(offset + 12)
  const recordCount = source.readUInt32LE(offset + 16)
  const position = readUInt64(source, offset + 24)
  if (frameBytes < frameHeaderBytes + recordCount * 4 || !Number.isSafeInteger(position + recordCount)) return undefined
  return {
    bodyCrc: source.readUInt32LE(offset + 8),
    frameBytes,
    recordCount,
    position: asPosition(position),
    arrivalMs: readUInt64(source, offset + 32),
    groupOffset: readUInt64(source, offset + 40),
  }
}

/** The frame at `offset`, whose header was read and whose bytes are all there; undefined when its body is damaged. */
export function readFrameBody(source: Buffer, offset: number, header: FrameHeader): Frame | undefined {
  const lengthsAt = offset + frameHeaderBytes
  const dataAt = lengthsAt + header.recordCount * 4
  const end = offset + header.frameBytes
  if (dataAt > end || crc32(source.subarray(lengthsAt, end)) !== header.bodyCrc) return undefined
  const lengths = new Uint32Array(header.recordCount)
  let dataBytes = 0
  for (let index = 0, lengthAt = lengthsAt; index < lengths.length; index++, lengthAt += 4) {
    const length = source.readUInt32LE(lengthAt)
    lengths[index] = length
    dataBytes += length
  }
  if (dataAt + dataBytes !== end) return undefined
  return { position: header.position, arrivalMs: header.arrivalMs, lengths, data: source.subarray(dataAt, end) }
}

/** Where the next undamaged frame header is, from `offset` on; undefined when there is none in `source`. */
export function findFrameHeader(source: Buffer, offset: number, salt: number | undefined): number | undefined {
  for (let at = source.indexOf("HYF1", offset, "latin1"); at !== -1; at = source.indexOf("HYF1", at + 1, "latin1")) {
    if (readFrameHeader(source, at, salt) !== undefined) return at
  }
  return undefined
}

function writeUInt64(target: Buffer, value: number, offset: number): void {
  target.writeUInt32LE(value % 2 ** 32, offset)
  target.writeUInt32LE(Math.floor(value / 2 ** 32), offset + 4)
}

function readUInt64(source: Buffer, offset: number): number {
  return source.readUInt32LE(offset) + source.readUInt32LE(offset + 4) * 2 ** 32
}

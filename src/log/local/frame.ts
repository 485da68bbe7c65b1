import { crc32 } from "node:zlib"
import { asPosition, type Frame, type Position, type RecordBatch } from "../log.ts"
import { openBody, sealBody, sealOverheadBytes } from "./seal.ts"

/**
 * A frame in a segment file; all numbers are little-endian.
 *
 *     offset  bytes
 *          0      4  magic "HYF1", or "HYS1" when the body is sealed
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
 *
 * What follows the header is its body. A sealed one (seal.ts) holds the same in the end, and has bytes 12 to 47 as
 * additional data; the checksums are over what is stored, so that damage is told without a key.
 */
export const frameHeaderBytes = 48

const magics = { clear: 0x31465948, sealed: 0x31535948 } as const
/** What both magics begin with. */
const magicStart = "HY"
/** Where the part of the header begins that a sealed body is bound to: behind the checksums. */
const boundHeaderAt = 12

export interface FrameHeader {
  readonly isSealed: boolean
  readonly frameBytes: number
  readonly recordCount: number
  readonly position: Position
  readonly arrivalMs: number
  readonly groupOffset: number
  readonly bodyCrc: number
}

/** What the frames of one segment are sealed with. */
export interface SegmentSealing {
  /** Of this segment only. */
  readonly key: Buffer
  /** A nonce that was never used before. */
  readonly nextNonce: () => Uint8Array
}

export interface FramePlace {
  readonly position: Position
  readonly arrivalMs: number
  readonly groupOffset: number
  readonly salt: number
}

/** Bytes that a batch takes as a frame. */
export function frameSizeBytes(batch: RecordBatch, sealing: SegmentSealing | undefined): number {
  const bodyBytes = batch.lengths.byteLength + batch.data.byteLength
  return frameHeaderBytes + bodyBytes + (sealing === undefined ? 0 : sealOverheadBytes)
}

/**
 * Writes a batch as a frame into `target` at `offset`; answers where it ends. With `sealing`, `target` never holds any of
 * the records' bytes in the clear.
 */
export function writeFrame(
  target: Buffer,
  offset: number,
  batch: RecordBatch,
  at: FramePlace,
  sealing: SegmentSealing | undefined,
): number {
  const bodyAt = offset + frameHeaderBytes
  const end = offset + frameSizeBytes(batch, sealing)
  target.writeUInt32LE(sealing === undefined ? magics.clear : magics.sealed, offset)
  target.writeUInt32LE(end - offset, offset + 12)
  target.writeUInt32LE(batch.lengths.length, offset + 16)
  target.writeUInt32LE(at.salt, offset + 20)
  writeUInt64(target, at.position, offset + 24)
  writeUInt64(target, at.arrivalMs, offset + 32)
  writeUInt64(target, at.groupOffset, offset + 40)
  if (sealing === undefined) {
    writeLengths(target, bodyAt, batch.lengths)
    target.set(batch.data, bodyAt + batch.lengths.byteLength)
  } else {
    const lengths = Buffer.allocUnsafe(batch.lengths.byteLength)
    writeLengths(lengths, 0, batch.lengths)
    const header = target.subarray(offset + boundHeaderAt, bodyAt)
    sealBody(target.subarray(bodyAt, end), sealing.key, sealing.nextNonce(), header, [lengths, batch.data])
  }
  target.writeUInt32LE(crc32(target.subarray(bodyAt, end)), offset + 8)
  target.writeUInt32LE(crc32(target.subarray(offset + 8, bodyAt)), offset + 4)
  return end
}

function writeLengths(target: Buffer, offset: number, lengths: Uint32Array): void {
  for (let index = 0, at = offset; index < lengths.length; index++, at += 4) {
    target.writeUInt32LE(lengths[index] ?? 0, at)
  }
}

/**
 * The header at `offset`, or undefined when there is none, or a damaged one, or one of another segment. `salt` is the
 * segment's; undefined when that is not known, and so can't be checked.
 */
export function readFrameHeader(source: Buffer, offset: number, salt: number | undefined): FrameHeader | undefined {
  if (offset + frameHeaderBytes > source.length) return undefined
  const magic = source.readUInt32LE(offset)
  const isSealed = magic === magics.sealed
  if (!isSealed && magic !== magics.clear) return undefined
  if (salt !== undefined && source.readUInt32LE(offset + 20) !== salt) return undefined
  if (source.readUInt32LE(offset + 4) !== crc32(source.subarray(offset + 8, offset + frameHeaderBytes)))
    return undefined
  const frameBytes = source.readUInt32LE(offset + 12)
  const recordCount = source.readUInt32LE(offset + 16)
  const position = readUInt64(source, offset + 24)
  if (frameBytes < frameHeaderBytes + recordCount * 4 || !Number.isSafeInteger(position + recordCount)) return undefined
  return {
    isSealed,
    bodyCrc: source.readUInt32LE(offset + 8),
    frameBytes,
    recordCount,
    position: asPosition(position),
    arrivalMs: readUInt64(source, offset + 32),
    groupOffset: readUInt64(source, offset + 40),
  }
}

/** Whether the bytes of a whole frame are those that were written. */
export function isBodyWhole(frame: Buffer, header: FrameHeader): boolean {
  return frame.length === header.frameBytes && crc32(frame.subarray(frameHeaderBytes)) === header.bodyCrc
}

/**
 * The batch in the bytes of a whole frame. `key` is its segment's, when that is sealed. Undefined when the bytes hold none,
 * though their checksums are right: they are damaged, or were changed on purpose.
 */
export function readFrame(frame: Buffer, header: FrameHeader, key: Buffer | undefined): Frame | undefined {
  const stored = frame.subarray(frameHeaderBytes)
  const body = header.isSealed ? key && openBody(stored, key, frame.subarray(boundHeaderAt, frameHeaderBytes)) : stored
  const dataAt = header.recordCount * 4
  if (body === undefined || dataAt > body.length) return undefined
  const lengths = new Uint32Array(header.recordCount)
  let dataBytes = 0
  for (let index = 0, lengthAt = 0; index < lengths.length; index++, lengthAt += 4) {
    const length = body.readUInt32LE(lengthAt)
    lengths[index] = length
    dataBytes += length
  }
  if (dataAt + dataBytes !== body.length) return undefined
  return { position: header.position, arrivalMs: header.arrivalMs, lengths, data: body.subarray(dataAt) }
}

/** Bytes of the records in the frame that a header begins. */
export function frameDataBytes({ frameBytes, isSealed, recordCount }: FrameHeader): number {
  return frameBytes - frameHeaderBytes - recordCount * 4 - (isSealed ? sealOverheadBytes : 0)
}

/** Where the next undamaged frame header is, from `offset` on; undefined when there is none in `source`. */
export function findFrameHeader(source: Buffer, offset: number, salt: number | undefined): number | undefined {
  const find = (from: number) => source.indexOf(magicStart, from, "latin1")
  for (let at = find(offset); at !== -1; at = find(at + 1)) {
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

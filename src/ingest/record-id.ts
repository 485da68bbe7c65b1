import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import { advance, asPosition, type Position } from "../log/index.ts"

/**
 * A RecordId says where the record is, so that it can be traced: base64 of 27 bytes, big-endian.
 *
 *     offset  bytes
 *          0      1  version, 1
 *          1      6  the stream: the first bytes of the SHA-256 of its uid
 *          7      2  partition
 *          9      8  position
 *         17      6  arrival time, milliseconds since the epoch
 *         23      4  CRC-32 of the bytes before, against mistyped ids
 *
 * 27 is a multiple of 3, so the base64 has no padding, and the ids of a whole batch are cut from one conversion.
 */
const idBytes = 27
const idCharacters = 36

export interface RecordLocation {
  /** Six bytes in hexadecimal: compare with `streamMark`. */
  readonly streamMark: string
  readonly partition: number
  readonly position: Position
  readonly arrivalMs: number
}

/** What a RecordId holds of its stream. */
export function streamMark(streamUid: string): string {
  return createHash("sha256").update(streamUid).digest("hex").slice(0, 12)
}

/** The ids of `count` records that lie one after the other, the first one at `first`. */
export function recordIds(first: RecordLocation, count: number): string[] {
  const bytes = Buffer.alloc(count * idBytes)
  for (let index = 0, at = 0; index < count; index++, at += idBytes) {
    bytes.writeUInt8(1, at)
    bytes.write(first.streamMark, at + 1, "hex")
    bytes.writeUInt16BE(first.partition, at + 7)
    writeUInt64(bytes, advance(first.position, index), at + 9)
    bytes.writeUIntBE(first.arrivalMs, at + 17, 6)
    bytes.writeUInt32BE(crc32(bytes.subarray(at, at + 23)), at + 23)
  }
  const text = bytes.toString("base64")
  return Array.from({ length: count }, (_, index) => text.slice(index * idCharacters, (index + 1) * idCharacters))
}

/** Where the record with this id is; undefined when the text is not an id that this version made. */
export function locateRecord(recordId: string): RecordLocation | undefined {
  const bytes = Buffer.from(recordId, "base64")
  if (bytes.length !== idBytes || bytes.toString("base64") !== recordId) return undefined
  if (bytes.readUInt8(0) !== 1 || bytes.readUInt32BE(23) !== crc32(bytes.subarray(0, 23))) return undefined
  const position = bytes.readUInt32BE(9) * 2 ** 32 + bytes.readUInt32BE(13)
  if (!Number.isSafeInteger(position)) return undefined
  return {
    streamMark: bytes.toString("hex", 1, 7),
    partition: bytes.readUInt16BE(7),
    position: asPosition(position),
    arrivalMs: bytes.readUIntBE(17, 6),
  }
}

function writeUInt64(target: Buffer, value: number, offset: number): void {
  target.writeUInt32BE(Math.floor(value / 2 ** 32), offset)
  target.writeUInt32BE(value % 2 ** 32, offset + 4)
}

import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import { advance, asPosition, type Position } from "../log/index.ts"

/**
 * A RecordId says where the record is, so that it can be traced: base64 of 27 bytes, big-endian.
 *
 *     offset  bytes
 *          0      1  version, 1
 *          1      6  the stream: the first bytes of the SHA-256 of its uid
 *          7      6  arrival time, milliseconds since the epoch
 *         13      2  partition
 *         15      8  position, in two halves of 4
 *         23      4  check against mistyped ids: the CRC-32 of the first 15 bytes, plus both halves of the position
 *
 * 27 is a multiple of 3, so the base64 has no padding, and the ids of a whole batch are cut from one conversion. They have
 * the first 15 bytes in common, so their CRC is made once: a batch has 500 ids, and a CRC takes as long as the rest.
 */
const idBytes = 27
const idCharacters = 36
const commonBytes = 15

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
  const common = Buffer.alloc(commonBytes)
  common.writeUInt8(1, 0)
  common.write(first.streamMark, 1, "hex")
  common.writeUIntBE(first.arrivalMs, 7, 6)
  common.writeUInt16BE(first.partition, 13)
  const commonCheck = crc32(common)
  const bytes = Buffer.alloc(count * idBytes)
  for (let index = 0, at = 0; index < count; index++, at += idBytes) {
    const { high, low } = halves(advance(first.position, index))
    bytes.set(common, at)
    bytes.writeUInt32BE(high, at + 15)
    bytes.writeUInt32BE(low, at + 19)
    bytes.writeUInt32BE(sum(commonCheck, high, low), at + 23)
  }
  const text = bytes.toString("base64")
  return Array.from({ length: count }, (_, index) => text.slice(index * idCharacters, (index + 1) * idCharacters))
}

/** Where the record with this id is; undefined when the text is not an id that this version made. */
export function locateRecord(recordId: string): RecordLocation | undefined {
  const bytes = Buffer.from(recordId, "base64")
  if (bytes.length !== idBytes || bytes.toString("base64") !== recordId || bytes.readUInt8(0) !== 1) return undefined
  const high = bytes.readUInt32BE(15)
  const low = bytes.readUInt32BE(19)
  const position = high * 2 ** 32 + low
  const isWhole = bytes.readUInt32BE(23) === sum(crc32(bytes.subarray(0, commonBytes)), high, low)
  if (!isWhole || !Number.isSafeInteger(position)) return undefined
  return {
    streamMark: bytes.toString("hex", 1, 7),
    partition: bytes.readUInt16BE(13),
    position: asPosition(position),
    arrivalMs: bytes.readUIntBE(7, 6),
  }
}

function halves(position: number) {
  return { high: Math.floor(position / 2 ** 32), low: position % 2 ** 32 }
}

/** The sum without what goes beyond 32 bits. */
function sum(a: number, b: number, c: number): number {
  return (a + b + c) % 2 ** 32
}

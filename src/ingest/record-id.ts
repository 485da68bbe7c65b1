import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import { asPosition, type Position } from "../log/index.ts"

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
 * 27 is a multiple of 3, and so are the first 15: the base64 has no padding, and the ids of a batch have their first 20
 * characters in common, which are made once, with their CRC. The 16 others are made one by one.
 */
const idBytes = 27
const idCharacters = 36
const commonBytes = 15
const commonCharacters = 20

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

/** The ids of some records, in their order. */
export interface RecordIds {
  readonly count: number
  /** All of them in one text, with `separator`, which is ASCII, between each two. */
  joined(separator: string): string
}

/** The ids of `count` records that lie one after the other, the first one at `first`. */
export function recordIds(first: RecordLocation, count: number): RecordIds {
  return { count, joined: (separator) => joinedIds(first, count, separator) }
}

const alphabet = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

/** The text is made as bytes, in one piece: an id by itself, as a string of its own, would take several times as long. */
function joinedIds(first: RecordLocation, count: number, separator: string): string {
  const common = Buffer.alloc(commonBytes)
  common.writeUInt8(1, 0)
  common.write(first.streamMark, 1, "hex")
  common.writeUIntBE(first.arrivalMs, 7, 6)
  common.writeUInt16BE(first.partition, 13)
  const commonCheck = crc32(common)
  const pattern = common.toString("base64").padEnd(idCharacters) + separator
  const text = Buffer.allocUnsafe(count * pattern.length).fill(pattern, "latin1")
  for (let index = 0; index < count; index++) {
    const { high, low } = halves(first.position + index)
    const check = sum(commonCheck, high, low)
    const at = index * pattern.length + commonCharacters
    writeThreeBytes(text, at, high >>> 8)
    writeThreeBytes(text, at + 4, ((high & 0xff) << 16) | (low >>> 16))
    writeThreeBytes(text, at + 8, ((low & 0xffff) << 8) | (check >>> 24))
    writeThreeBytes(text, at + 12, check & 0xffffff)
  }
  return text.toString("latin1", 0, text.length - separator.length)
}

/** Writes three bytes as four characters of base64. */
function writeThreeBytes(target: Buffer, at: number, bytes: number) {
  target[at] = alphabet[bytes >>> 18] ?? 0
  target[at + 1] = alphabet[(bytes >>> 12) & 0x3f] ?? 0
  target[at + 2] = alphabet[(bytes >>> 6) & 0x3f] ?? 0
  target[at + 3] = alphabet[bytes & 0x3f] ?? 0
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

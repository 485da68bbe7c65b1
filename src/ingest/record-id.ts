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
const ownCharacters = idCharacters - commonCharacters
/** Where ids are written before they become text: memory of its own for each batch would be a fifth of its garbage. */
let drawingBoard = Buffer.alloc(ownCharacters)

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

/** What the ids of the records have in common that one write of the log stored. */
interface Common {
  readonly arrivalMs: number
  readonly characters: string
  readonly check: number
}

/** Makes the ids of the records of one partition. */
export class PartitionIds {
  readonly #mark: string
  readonly #partition: number
  /** Of the last ids: those of one write, and of one millisecond, have it in common. */
  #common: Common | undefined

  constructor(streamUid: string, partition: number) {
    this.#mark = streamMark(streamUid)
    this.#partition = partition
  }

  /** The ids of `count` records that arrived together and lie one after the other, the first one at `position`. */
  at({ position, arrivalMs }: Pick<RecordLocation, "position" | "arrivalMs">, count: number): RecordIds {
    if (this.#common?.arrivalMs !== arrivalMs) this.#common = this.#make(arrivalMs)
    const common = this.#common
    return { count, joined: (separator) => joinedIds(common, position, count, separator) }
  }

  #make(arrivalMs: number): Common {
    const bytes = Buffer.alloc(commonBytes)
    bytes.writeUInt8(1, 0)
    bytes.write(this.#mark, 1, "hex")
    bytes.writeUIntBE(arrivalMs, 7, 6)
    bytes.writeUInt16BE(this.#partition, 13)
    return { arrivalMs, characters: bytes.toString("base64"), check: crc32(bytes) }
  }
}

const alphabet = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

/** The text is made as bytes, in one piece: an id by itself, as a string of its own, would take several times as long. */
function joinedIds({ characters, check }: Common, first: Position, count: number, separator: string): string {
  if (count === 1) {
    writeOwnCharacters(drawingBoard, 0, first, check)
    return characters + drawingBoard.toString("latin1", 0, ownCharacters)
  }
  const pattern = characters.padEnd(idCharacters) + separator
  const textBytes = count * pattern.length
  if (drawingBoard.length < textBytes) drawingBoard = Buffer.allocUnsafeSlow(textBytes)
  drawingBoard.fill(pattern, 0, textBytes, "latin1")
  for (let index = 0; index < count; index++) {
    writeOwnCharacters(drawingBoard, index * pattern.length + commonCharacters, first + index, check)
  }
  return drawingBoard.toString("latin1", 0, textBytes - separator.length)
}

/** Writes the characters in which the ids of one write differ. */
function writeOwnCharacters(target: Buffer, at: number, position: number, commonCheck: number) {
  const { high, low } = halves(position)
  const check = sum(commonCheck, high, low)
  writeThreeBytes(target, at, high >>> 8)
  writeThreeBytes(target, at + 4, ((high & 0xff) << 16) | (low >>> 16))
  writeThreeBytes(target, at + 8, ((low & 0xffff) << 8) | (check >>> 24))
  writeThreeBytes(target, at + 12, check & 0xffffff)
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

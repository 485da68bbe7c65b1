import path from "node:path"
import { crc32 } from "node:zlib"
import { type Disk, type DiskFile, removeIfThere } from "../../platform/index.ts"
import { asPosition, type Position } from "../log.ts"
import { readFrameHeader } from "./frame.ts"
import { keySaltBytes } from "./seal.ts"

/**
 * A segment file is named by the position of its first record and begins with a header; frames follow (frame.ts). It
 * ends where the next segment begins: what stands after that was part of a write that failed, or zeros that were to be
 * written over (see LocalPartition), and does not count.
 *
 *     offset  bytes
 *          0      8  magic "HYDRSEG2"
 *          8      8  position of the first record, little-endian like all numbers
 *         16      8  when it was made, milliseconds since the epoch
 *         24      4  salt: random, and repeated in each frame's header
 *         28      4  1 when the frames are sealed (seal.ts), 0 when not
 *         32     16  id of the key that the segment's own key is derived from; zeros when not sealed
 *         48     16  random bytes that it is derived with; zeros when not sealed
 *         64      4  CRC-32 of the bytes before
 *         68     68  the same once more: one damaged byte shall not take all that was sealed with it
 *
 * Files of before sealing have the magic "HYDRSEG1", the CRC at offset 28, and frames from offset 32 on.
 */
export const segmentHeaderBytes = 136

const suffix = ".segment"

export interface SegmentHeader {
  readonly base: Position
  readonly createdMs: number
  /** 32 random bits. A producer can't know them, and so can't put into a record what looks like a frame of this file. */
  readonly salt: number
  /** Undefined when the frames are in the clear. */
  readonly sealedWith: SealedWith | undefined
}

export interface SealedWith {
  /** A `FrameKey`'s. */
  readonly keyId: string
  readonly keySalt: Uint8Array
}

/** What a segment file says of itself. */
export interface FoundHeader {
  /** Undefined when it is damaged, or not there. */
  readonly header: SegmentHeader | undefined
  /** Where the first frame begins. */
  readonly framesOffset: number
  /** Whether there is damage in it, also when that does not matter since it is there twice. */
  readonly isDamaged: boolean
}

/** As many digits as the largest position has, so that names sort like positions. */
const nameDigits = 16

export function segmentPath(folder: string, base: Position): string {
  return path.join(folder, `${String(base).padStart(nameDigits, "0")}${suffix}`)
}

/** The position in a segment file's name; undefined when the name is not a segment's. */
export function segmentBase(name: string): Position | undefined {
  const digits = name.slice(0, -suffix.length)
  if (!name.endsWith(suffix) || !/^\d+$/.test(digits) || digits.length !== nameDigits) return undefined
  return asPosition(Number(digits))
}

/**
 * Makes a segment file, durably, and leaves it open for durable writes. A file that has the name is one in which no record
 * was ever acknowledged, left by a failed write or a crash: it is replaced.
 */
export async function createSegmentFile(disk: Disk, folder: string, header: SegmentHeader): Promise<DiskFile> {
  const file = segmentPath(folder, header.base)
  await removeIfThere(disk, file)
  const handle = await disk.open(file, "create-durable")
  try {
    await handle.write([encodeHeader(header)], 0)
    await disk.syncFolder(folder)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Throws only what the disk throws. */
export async function readSegmentHeader(handle: DiskFile): Promise<FoundHeader> {
  const bytes = Buffer.alloc(segmentHeaderBytes)
  const found = bytes.subarray(0, await handle.read(bytes, 0))
  const [first, second] = [0, copyBytes].map((offset) => decodeHeader(found.subarray(offset, offset + copyBytes)))
  const header = first ?? second
  if (header !== undefined) {
    return { header, framesOffset: segmentHeaderBytes, isDamaged: first === undefined || second === undefined }
  }
  const oldHeader = decodeOldHeader(found)
  const isOld = oldHeader !== undefined || readFrameHeader(found, oldHeaderBytes, undefined) !== undefined
  return {
    header: oldHeader,
    framesOffset: isOld ? oldHeaderBytes : segmentHeaderBytes,
    isDamaged: oldHeader === undefined,
  }
}

const copyBytes = segmentHeaderBytes / 2
const magic = "HYDRSEG2"

function encodeHeader({ base, createdMs, salt, sealedWith }: SegmentHeader): Buffer {
  const header = Buffer.alloc(segmentHeaderBytes)
  header.write(magic, "latin1")
  header.writeBigUInt64LE(BigInt(base), 8)
  header.writeBigUInt64LE(BigInt(createdMs), 16)
  header.writeUInt32LE(salt, 24)
  if (sealedWith !== undefined) {
    header.writeUInt32LE(1, 28)
    header.write(sealedWith.keyId, 32, "hex")
    header.set(sealedWith.keySalt, 48)
  }
  header.writeUInt32LE(crc32(header.subarray(0, copyBytes - 4)), copyBytes - 4)
  header.copy(header, copyBytes, 0, copyBytes)
  return header
}

/** One of the two copies; undefined when it is damaged. */
function decodeHeader(copy: Buffer): SegmentHeader | undefined {
  if (copy.length < copyBytes || copy.toString("latin1", 0, magic.length) !== magic) return undefined
  if (copy.readUInt32LE(copyBytes - 4) !== crc32(copy.subarray(0, copyBytes - 4))) return undefined
  const sealedWith = { keyId: copy.toString("hex", 32, 48), keySalt: copy.subarray(48, 48 + keySaltBytes) }
  return { ...decodeOrigin(copy), sealedWith: copy.readUInt32LE(28) === 0 ? undefined : sealedWith }
}

const oldHeaderBytes = 32
const oldMagic = "HYDRSEG1"

function decodeOldHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < oldHeaderBytes || bytes.toString("latin1", 0, oldMagic.length) !== oldMagic) return undefined
  if (bytes.readUInt32LE(28) !== crc32(bytes.subarray(0, 28))) return undefined
  return { ...decodeOrigin(bytes), sealedWith: undefined }
}

/** What the headers of all versions begin with. */
function decodeOrigin(bytes: Buffer): Omit<SegmentHeader, "sealedWith"> {
  const base = asPosition(Number(bytes.readBigUInt64LE(8)))
  return { base, createdMs: Number(bytes.readBigUInt64LE(16)), salt: bytes.readUInt32LE(24) }
}

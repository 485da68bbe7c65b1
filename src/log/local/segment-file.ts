import path from "node:path"
import { crc32 } from "node:zlib"
import { type Disk, type DiskFile, removeIfThere } from "../../platform/index.ts"
import { asPosition, type Position } from "../log.ts"

/**
 * A segment file is named by the position of its first record and begins with a header; frames follow (frame.ts). It
 * ends where the next segment begins: what stands after that was part of a write that failed, and does not count.
 *
 *     offset  bytes
 *          0      8  magic "HYDRSEG1"
 *          8      8  position of the first record, little-endian like all numbers
 *         16      8  when it was made, milliseconds since the epoch
 *         24      4  salt: random, and repeated in each frame's header
 *         28      4  CRC-32 of the bytes before
 */
export const segmentHeaderBytes = 32

const magic = Buffer.from("HYDRSEG1", "latin1")
const suffix = ".segment"
export interface SegmentHeader {
  readonly base: Position
  readonly createdMs: number
  /** 32 random bits. A producer can't know them, and so can't put into a record what looks like a frame of this file. */
  readonly salt: number
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
 * Makes a segment file, durably, and leaves it open for appending. A file that has the name is one in which no record
 * was ever acknowledged, left by a failed write or a crash: it is replaced.
 */
export async function createSegmentFile(disk: Disk, folder: string, header: SegmentHeader): Promise<DiskFile> {
  const file = segmentPath(folder, header.base)
  await removeIfThere(disk, file)
  const handle = await disk.open(file, "create")
  try {
    await handle.write([encodeHeader(header)], 0)
    await handle.sync()
    await disk.syncFolder(folder)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** The salt of a segment file; undefined when its header is damaged, or is not there. */
export async function readSegmentSalt(handle: DiskFile): Promise<number | undefined> {
  const header = Buffer.alloc(segmentHeaderBytes)
  if ((await handle.read(header, 0)) < segmentHeaderBytes) return undefined
  const isWhole =
    header.subarray(0, magic.length).equals(magic) && header.readUInt32LE(28) === crc32(header.subarray(0, 28))
  return isWhole ? header.readUInt32LE(24) : undefined
}

function encodeHeader({ base, createdMs, salt }: SegmentHeader): Buffer {
  const header = Buffer.alloc(segmentHeaderBytes)
  magic.copy(header)
  header.writeBigUInt64LE(BigInt(base), 8)
  header.writeBigUInt64LE(BigInt(createdMs), 16)
  header.writeUInt32LE(salt, 24)
  header.writeUInt32LE(crc32(header.subarray(0, 28)), 28)
  return header
}

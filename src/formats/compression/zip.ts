/**
 * A ZIP file with one deflated entry (spec/s3.md, section 5), laid out as APPNOTE.TXT says; numbers are little-endian:
 *
 *     local header        30 bytes, and the entry's name; the sizes follow behind the data (bit 3 of the flags)
 *     data                one deflate stream
 *     data descriptor     16 bytes: CRC and sizes
 *     central directory   46 bytes, and the name again
 *     end                 22 bytes
 *
 * A batch is far from the 4 GiB beyond which other headers are needed.
 */
import assert from "node:assert/strict"
import type { Compression } from "./compression.ts"
import { type Deflated, deflate } from "./deflate.ts"
import { unzip } from "./unzip.ts"

/** Sizes in a data descriptor, names in UTF-8. */
const flags = 0x0808
const deflated = 8
/** ZIP's own kind of time has no time zone: the earliest there is, 1980-01-01 00:00, is the same everywhere. */
const time = 0
const date = (1 << 5) | 1
const versionNeeded = 20
const madeOnUnix = (3 << 8) | versionNeeded
/** A file that its owner may write and all may read. */
const attributes = 0o100644 * 2 ** 16

export const zip: Compression = {
  name: "ZIP",
  extension: ".zip",
  contentEncoding: "zip",
  async *compress(bytes, { entryName, workers }) {
    const name = Buffer.from(entryName)
    const local = Buffer.concat([Buffer.alloc(30), name])
    local.writeUInt32LE(0x04034b50)
    local.writeUInt16LE(versionNeeded, 4)
    writeEntry(local, 6, undefined)
    local.writeUInt16LE(name.byteLength, 26)
    yield local
    const entry = yield* deflate(bytes, workers)
    const descriptor = Buffer.alloc(16)
    descriptor.writeUInt32LE(0x08074b50)
    writeSizes(descriptor, 4, entry)
    yield descriptor
    yield directory(name, entry, local.byteLength + entry.compressedBytes + descriptor.byteLength)
  },
  decompress: unzip,
}

/** The central directory of the one entry, and the end of the file. */
function directory(name: Buffer, entry: Deflated, offset: number): Buffer {
  const central = Buffer.concat([Buffer.alloc(46), name])
  central.writeUInt32LE(0x02014b50)
  central.writeUInt16LE(madeOnUnix, 4)
  central.writeUInt16LE(versionNeeded, 6)
  writeEntry(central, 8, entry)
  central.writeUInt16LE(name.byteLength, 28)
  central.writeUInt32LE(attributes, 38)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.byteLength, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([central, end])
}

/** What the local header and the central directory have in common; without sizes where those are not known yet. */
function writeEntry(header: Buffer, at: number, entry: Deflated | undefined) {
  header.writeUInt16LE(flags, at)
  header.writeUInt16LE(deflated, at + 2)
  header.writeUInt16LE(time, at + 4)
  header.writeUInt16LE(date, at + 6)
  if (entry !== undefined) writeSizes(header, at + 8, entry)
}

function writeSizes(target: Buffer, at: number, { crc, compressedBytes, plainBytes }: Deflated) {
  assert(plainBytes < 2 ** 32 && compressedBytes < 2 ** 32, "A ZIP entry of 4 GiB needs headers that are not written")
  target.writeUInt32LE(crc, at)
  target.writeUInt32LE(compressedBytes, at + 4)
  target.writeUInt32LE(plainBytes, at + 8)
}

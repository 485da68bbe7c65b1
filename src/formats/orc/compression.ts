/**
 * How streams, footers and the like are stored: as they are (NONE), or in chunks of 256 KiB that are compressed one by one:
 *
 *     3 bytes, little-endian     length of what follows, times 2, plus 1 if that is not compressed
 *     ...                        raw deflate (ZLIB) or a raw Snappy block, or the bytes as they are where that takes less
 */
import { deflateRawSync } from "node:zlib"
import { compressSync } from "snappy"

export type Compression = "NONE" | "ZLIB" | "SNAPPY"

/** Of a chunk before compression. */
export const chunkBytesMax = 256 * 1024

/** What Apache's writer takes by default for the sake of speed. */
const deflateLevel = 2

export interface Stored {
  readonly bytes: Uint8Array
  /** What an index says of where a byte is, by its offset before compression. */
  locate(offset: number): readonly number[]
}

export function store(plain: Uint8Array, compression: Compression): Stored {
  if (compression === "NONE") return { bytes: plain, locate: (offset) => [offset] }
  const parts: Uint8Array[] = []
  const chunkStarts = [0]
  let length = 0
  for (let at = 0; at < plain.length; at += chunkBytesMax) {
    const chunk = plain.subarray(at, at + chunkBytesMax)
    const compressed = compression === "ZLIB" ? deflateRawSync(chunk, { level: deflateLevel }) : snappyBlock(chunk)
    const smaller = compressed.length < chunk.length ? compressed : chunk
    parts.push(chunkHeader(smaller.length, smaller === chunk), smaller)
    length += 3 + smaller.length
    chunkStarts.push(length)
  }
  return {
    bytes: Buffer.concat(parts, length),
    locate: (offset) => [chunkStarts[Math.floor(offset / chunkBytesMax)] ?? 0, offset % chunkBytesMax],
  }
}

function chunkHeader(length: number, isOriginal: boolean): Uint8Array {
  const header = 2 * length + (isOriginal ? 1 : 0)
  return Uint8Array.of(header, header >> 8, header >> 16)
}

function snappyBlock(chunk: Uint8Array): Uint8Array {
  // The package takes a Buffer only.
  // With its output copied it takes less than half as long: memory of its own would have to be made for each chunk.
  return compressSync(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), { copyOutputData: true })
}

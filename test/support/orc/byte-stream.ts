/**
 * The bytes of a stream, of which a compressed one is cut into chunks:
 *
 *     length * 2 + isOriginal (3 bytes, little-endian) | length bytes, as they are or compressed | ...
 */
import { inflateRawSync } from "node:zlib"
import { uncompressSync } from "snappy"
import type { CompressionKind } from "./orc-messages.ts"

export interface Compression {
  readonly kind: CompressionKind
  /** What a chunk holds at most, in bytes. */
  readonly blockBytesMax: number
}

/** Positions of a row index, taken one by one. */
export class Positions {
  readonly what: string
  readonly #numbers: readonly number[]
  #index = 0

  constructor(what: string, numbers: readonly number[]) {
    this.what = what
    this.#numbers = numbers
  }

  next(): number {
    const number = this.#numbers[this.#index++]
    if (number === undefined) throw new Error(`${this.what} has too few positions: ${this.#numbers.join(", ")}`)
    return number
  }

  finish() {
    if (this.#index === this.#numbers.length) return
    throw new Error(`${this.what} has ${this.#numbers.length} positions, but ${this.#index} are needed`)
  }
}

interface Chunk {
  /** In the file's stream. */
  readonly start: number
  /** In the stream's bytes. */
  readonly offset: number
  readonly sizeBytes: number
}

export class ByteStream {
  readonly what: string
  readonly bytes: Uint8Array
  /** None when the stream is not compressed. */
  readonly #chunks: ReadonlyMap<number, Chunk> | undefined
  #at = 0

  constructor(what: string, stored: Uint8Array, compression: Compression) {
    this.what = what
    if (compression.kind === "NONE") {
      this.bytes = stored
      return
    }
    const chunks = new Map<number, Chunk>()
    const parts: Uint8Array[] = []
    let offset = 0
    for (let start = 0; start < stored.length; ) {
      const header = (stored[start] ?? 0) | ((stored[start + 1] ?? 0) << 8) | ((stored[start + 2] ?? 0) << 16)
      const end = start + 3 + (header >>> 1)
      if (end > stored.length) throw new Error(`${what}: a chunk at ${start} ends at ${end} of ${stored.length} bytes`)
      const part = chunkBytes(`${what}, chunk at ${start}`, stored.subarray(start + 3, end), header & 1, compression)
      chunks.set(start, { start, offset, sizeBytes: part.length })
      parts.push(part)
      offset += part.length
      start = end
    }
    chunks.set(stored.length, { start: stored.length, offset, sizeBytes: 0 })
    this.#chunks = chunks
    this.bytes = Buffer.concat(parts)
  }

  get isAtEnd(): boolean {
    return this.#at === this.bytes.length
  }

  readByte(): number {
    const byte = this.bytes[this.#at++]
    if (byte === undefined) throw new Error(`${this.what} ends too early, after ${this.bytes.length} bytes`)
    return byte
  }

  read(count: number): Uint8Array {
    if (!(count >= 0 && this.#at + count <= this.bytes.length)) {
      throw new Error(`${this.what} has ${this.bytes.length} bytes, but ${count} are needed from ${this.#at} on`)
    }
    this.#at += count
    return this.bytes.subarray(this.#at - count, this.#at)
  }

  /** By the chunk's start in the file and the offset among its bytes, or by the offset alone if nothing is compressed. */
  seek(positions: Positions) {
    const start = positions.next()
    if (this.#chunks === undefined) {
      if (start > this.bytes.length) throw new Error(`${positions.what}: ${this.what} has no byte ${start}`)
      this.#at = start
      return
    }
    const chunk = this.#chunks.get(start)
    if (chunk === undefined) throw new Error(`${positions.what}: ${this.what} has no chunk at ${start}`)
    const offset = positions.next()
    if (offset > chunk.sizeBytes) throw new Error(`${positions.what}: ${this.what} has no ${offset} at chunk ${start}`)
    this.#at = chunk.offset + offset
  }

  finish() {
    if (this.isAtEnd) return
    throw new Error(`${this.what} has ${this.bytes.length} bytes, but ${this.#at} are needed`)
  }
}

function chunkBytes(what: string, stored: Uint8Array, isOriginal: number, compression: Compression): Uint8Array {
  const { kind, blockBytesMax } = compression
  // Readers have buffers of that size for both.
  if (stored.length > blockBytesMax) throw new Error(`${what} takes ${stored.length} bytes, above ${blockBytesMax}`)
  const bytes = isOriginal === 1 ? stored : decompressed(what, kind, stored)
  if (bytes.length > blockBytesMax) throw new Error(`${what} holds ${bytes.length} bytes, above ${blockBytesMax}`)
  if (bytes.length === 0) throw new Error(`${what} holds nothing`)
  if (stored.length > bytes.length) throw new Error(`${what} takes ${stored.length} bytes for ${bytes.length}`)
  return bytes
}

function decompressed(what: string, kind: CompressionKind, stored: Uint8Array): Uint8Array {
  try {
    return kind === "ZLIB" ? inflated(what, stored) : unsnapped(what, stored)
  } catch (cause) {
    throw new Error(`${what} can't be decompressed: ${cause}`, { cause })
  }
}

function inflated(what: string, stored: Uint8Array): Uint8Array {
  const bytes = inflateRawSync(stored)
  // What stands behind the end is not looked at; without its last byte, it must not be whole any more.
  try {
    inflateRawSync(stored.subarray(0, -1))
  } catch {
    return bytes
  }
  throw new Error(`${what} has bytes behind its end`)
}

function unsnapped(what: string, stored: Uint8Array): Uint8Array {
  const bytes = uncompressSync(Buffer.from(stored), { asBuffer: true })
  if (typeof bytes === "string") throw new Error(`${what} came as text`)
  return bytes
}

import { createGunzip } from "node:zlib"
import type { Compression } from "./compression.ts"
import { deflate } from "./deflate.ts"
import { through } from "./through.ts"

/** Deflate, no flags, no time, no level said, made on Unix: so nothing in it depends on when and where it was made. */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])

/** One gzip member (RFC 1952). */
export const gzip: Compression = {
  name: "GZIP",
  extension: ".gz",
  contentEncoding: "gzip",
  async *compress(bytes, { workers }) {
    yield header
    const { crc, plainBytes } = yield* deflate(bytes, workers)
    const trailer = Buffer.alloc(8)
    trailer.writeUInt32LE(crc)
    trailer.writeUInt32LE(plainBytes % 2 ** 32, 4)
    yield trailer
  },
  // Several members, one after the other, are taken as one content.
  decompress: (bytes) => through(bytes, createGunzip()),
}

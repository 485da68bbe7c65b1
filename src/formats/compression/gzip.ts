import { createGzip } from "node:zlib"
import { blocks } from "./blocks.ts"
import type { Compression } from "./compression.ts"
import { through } from "./through.ts"

/** Small records would cost a job in zlib's threads each; and equal blocks make the output independent of chunks. */
const blockBytes = 64 * 1024

/** One gzip member (RFC 1952) whose time of modification is 0. */
export const gzip: Compression = {
  name: "GZIP",
  extension: ".gz",
  contentEncoding: "gzip",
  async *compress(bytes) {
    yield* through(blocks(bytes, blockBytes), createGzip({ level: 6 }))
  },
}

/**
 * The stream of snappy-java's SnappyOutputStream, which is not the official framing format (spec/s3.md, section 5.1):
 *
 *     82 53 4E 41 50 50 59 00   0x82 "SNAPPY" 0x00
 *     00 00 00 01               version
 *     00 00 00 01               lowest version that can read it
 *     then for each 32 KiB of input, the last one shorter:
 *     int32 big-endian          length of the block
 *     ...                       raw Snappy block
 */
import type { Compression } from "./compression.ts"
import { readSnappyJava } from "./read-snappy.ts"
import { snappyBlocks } from "./snappy-blocks.ts"

const header = Buffer.from("82534e4150505900" + "00000001" + "00000001", "hex")

export const snappy: Compression = {
  name: "Snappy",
  extension: ".snappy",
  contentEncoding: "snappy-java",
  async *compress(bytes, { workers }) {
    yield header
    yield* snappyBlocks(bytes, workers, "compressed-length")
  },
  decompress: (bytes) => readSnappyJava(bytes, header),
}

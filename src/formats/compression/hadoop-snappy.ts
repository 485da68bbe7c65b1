/**
 * The stream of snappy-java's SnappyHadoopCompatibleOutputStream (spec/s3.md, section 5.2). For each 32 KiB of input, the
 * last one shorter:
 *
 *     int32 big-endian   length of the input
 *     int32 big-endian   length of the block
 *     ...                raw Snappy block
 */
import type { Compression } from "./compression.ts"
import { readHadoopSnappy } from "./read-snappy.ts"
import { snappyBlocks } from "./snappy-blocks.ts"

export const hadoopSnappy: Compression = {
  name: "HADOOP_SNAPPY",
  // The documentation says .hsnappy; what AWS writes is this (spec/s3.md, section 5).
  extension: ".snappy",
  contentEncoding: "hadoop-snappy",
  compress: (bytes, { workers }) => snappyBlocks(bytes, workers, "both-lengths"),
  decompress: readHadoopSnappy,
}

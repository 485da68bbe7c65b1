import assert from "node:assert/strict"
import type { Compression, CompressionName } from "./compression.ts"
import { gzip } from "./gzip.ts"
import { hadoopSnappy } from "./hadoop-snappy.ts"
import { snappy } from "./snappy.ts"
import { uncompressed } from "./uncompressed.ts"
import { zip } from "./zip.ts"

/** All compressions, in the order in which AWS's messages list their names (spec/s3.md, section 4). */
export const compressions: readonly Compression[] = [zip, hadoopSnappy, snappy, gzip, uncompressed]

export function compression(name: CompressionName): Compression {
  const found = compressions.find((candidate) => candidate.name === name)
  assert(found, `No compression is called ${JSON.stringify(name)}`)
  return found
}

import type { Compression } from "./compression.ts"

/** The bytes as they are. */
export const uncompressed: Compression = {
  name: "UNCOMPRESSED",
  extension: "",
  contentEncoding: undefined,
  compress: (bytes) => bytes,
  decompress: (bytes) => bytes,
}

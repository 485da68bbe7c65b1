/** Formats of objects: how their bytes are compressed. */
export type { Compression, CompressionName } from "./compression/compression.ts"
export { compression, compressions } from "./compression/compressions.ts"

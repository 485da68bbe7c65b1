/** Formats of objects: how their bytes are compressed, and rows by columns that records are read into. */
export { type Column, HiveTypeError, parseHiveType, type RowType } from "./columns/index.ts"
export { compression, compressions } from "./compression/compressions.ts"
export { detectCompression, detectionBytes } from "./compression/detect.ts"
export type { Deserializer } from "./deserializers/row-reader.ts"

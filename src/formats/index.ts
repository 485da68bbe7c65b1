/** Formats of objects: how their bytes are compressed; rows by columns, what reads records into them, and files of them. */
export { type Column, HiveTypeError, parseHiveType, type RowType } from "./columns/index.ts"
export { compression, compressions } from "./compression/compressions.ts"
export { detectCompression, detectionBytes } from "./compression/detect.ts"
export { type Deserializer, timestampFormatProblem } from "./deserializers/index.ts"
export type { OrcOptions } from "./orc/index.ts"
export type { ParquetOptions } from "./parquet/index.ts"

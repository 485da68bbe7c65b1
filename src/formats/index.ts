/** Formats of objects: how their bytes are compressed, and files of columns that records are read into. */
export {
  type Column,
  type ColumnFormat,
  type EncodedGroup,
  emptyRows,
  HiveTypeError,
  hiveTypeText,
  memoryBytes,
  type PlacedGroup,
  parseHiveType,
  type RowType,
} from "./columns/index.ts"
export { compression, compressions } from "./compression/compressions.ts"
export { detectCompression, detectionBytes } from "./compression/detect.ts"
export {
  type ConversionProblem,
  type Deserializer,
  openRowReader,
  timestampFormatProblem,
} from "./deserializers/index.ts"
export { type OrcOptions, orc } from "./orc/index.ts"
export { type ParquetOptions, parquet } from "./parquet/index.ts"

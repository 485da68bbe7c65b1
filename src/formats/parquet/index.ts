/** Parquet files. */
export type { ParquetGroupFacts } from "./file-metadata.ts"
export type { ParquetOptions } from "./options.ts"
export { parquet } from "./parquet.ts"

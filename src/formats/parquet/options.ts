/** The API's ParquetSerDe (spec/format-conversion.md, section 5), with defaults filled in. */
export interface ParquetOptions {
  /** Of a row group; and of a block of HDFS, which a row group should not begin near the end of. */
  readonly blockSizeBytes: number
  /** Of a data page before compression. Only a single row that is larger makes a larger page. */
  readonly pageSizeBytes: number
  readonly compression: "UNCOMPRESSED" | "GZIP" | "SNAPPY"
  /** Where it pays. */
  readonly enableDictionaryCompression: boolean
  /** That may be written in place of the end of a block. */
  readonly maxPaddingBytes: number
  /** V1 has the pages and encodings of Parquet 1.0, V2 those of 2.0. */
  readonly writerVersion: "V1" | "V2"
}

/** How ORC files are written: the API's OrcSerDe with defaults filled in (spec/format-conversion.md, section 5). */
export interface OrcOptions {
  /** What a stripe should hold at most. */
  readonly stripeSizeBytes: number
  /** Of the file system that files are made for: with padding, stripes do not lie across its blocks. */
  readonly blockSizeBytes: number
  /** Rows of a row group: between two entries of the index. */
  readonly rowIndexStride: number
  readonly enablePadding: boolean
  /** The part of a stripe's size (0 to 1) that may be lost to padding. */
  readonly paddingTolerance: number
  readonly compression: "NONE" | "ZLIB" | "SNAPPY"
  /** Names of columns of the table, whatever their case. A column that holds others gets filters for those. */
  readonly bloomFilterColumns: readonly string[]
  /** How often (0 to 1) a filter may say of a value that is not there that it could be. */
  readonly bloomFilterFalsePositiveProbability: number
  /** Texts of a stripe go into a dictionary when at most this part of them (0 to 1) is distinct. 0 is never, 1 always. */
  readonly dictionaryKeyThreshold: number
  /** The version of Hive whose readers can read the file: from 0.12 on, with shorter runs of integers. */
  readonly formatVersion: "V0_11" | "V0_12"
}

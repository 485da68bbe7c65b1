import type { RowType } from "./hive-type.ts"
import type { StructValues } from "./values.ts"

/**
 * A file format that holds rows by columns, in groups: Parquet's row groups, ORC's stripes. All of it is pure: the same rows and
 * options make the same bytes. Groups can be made in any order and place; the footer puts them together.
 *
 * `Options` are those of the API's serializer, with defaults filled in. `Facts` are what the footer says of a group: plain values
 * that can be sent between threads and written as JSON (no bigint; bytes as base64).
 */
export interface ColumnFormat<Options, Facts> {
  readonly name: "parquet" | "orc"
  /** Of its files, with the point. */
  readonly extension: string
  /** What every file begins with. */
  readonly header: Uint8Array
  /** What a group should hold at most, in bytes. */
  groupBytesMax(options: Options): number
  /** The group of all rows there are. At least one. */
  encodeGroup(type: RowType, rows: StructValues, options: Options): EncodedGroup<Facts>
  /** Bytes of zeros to put before a group of this size that would begin at this offset in the file. */
  paddingBytes(offset: number, groupBytes: number, options: Options): number
  /** What every file ends with. */
  footer(type: RowType, groups: readonly PlacedGroup<Facts>[], options: Options): Uint8Array
}

export interface EncodedGroup<Facts> {
  readonly bytes: Uint8Array
  readonly rowCount: number
  readonly facts: Facts
}

export interface PlacedGroup<Facts> {
  /** In the file. */
  readonly offset: number
  readonly sizeBytes: number
  readonly rowCount: number
  readonly facts: Facts
}

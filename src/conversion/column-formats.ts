import {
  type ColumnFormat,
  type Deserializer,
  type EncodedGroup,
  emptyRows,
  type OrcOptions,
  openRowReader,
  orc,
  type ParquetOptions,
  parquet,
  type RowType,
} from "../formats/index.ts"
import type { Work } from "../workers/index.ts"

/** What records are converted to. */
export type OutputFormat =
  | { readonly kind: "parquet"; readonly options: ParquetOptions }
  | { readonly kind: "orc"; readonly options: OrcOptions }

/** What its files' names end with. */
export function outputExtension({ kind }: OutputFormat): string {
  return { parquet, orc }[kind].extension
}

/** Records, one after the other, to be made into one group of a file. */
export interface GroupOfRecords<Options> {
  readonly data: Uint8Array
  /** Bytes of each record. */
  readonly lengths: Uint32Array
  readonly type: RowType
  readonly deserializer: Deserializer
  readonly options: Options
}

/** A format, and the work that makes groups of it on another thread. */
export interface GroupFormat<Options, Facts> {
  readonly format: ColumnFormat<Options, Facts>
  readonly work: Work<GroupOfRecords<Options>, EncodedGroup<Facts>>
}

/** Under the names under which another thread finds them. */
export const parquetGroups = groupWork("parquetGroups", parquet)
export const orcGroups = groupWork("orcGroups", orc)

function groupWork<Options, Facts>(
  name: string,
  format: ColumnFormat<Options, Facts>,
): Work<GroupOfRecords<Options>, EncodedGroup<Facts>> {
  return {
    module: import.meta.url,
    name,
    run({ data, lengths, type, deserializer, options }) {
      const reader = openRowReader(type, deserializer)
      const rows = emptyRows(type)
      let start = 0
      for (const length of lengths) {
        const problem = reader.read(data, start, start + length, rows)
        if (problem !== undefined)
          throw new Error(`A record that was checked can't be read any more: ${problem.message}`)
        start += length
      }
      return format.encodeGroup(type, rows, options)
    },
  }
}

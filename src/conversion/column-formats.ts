import {
  type ColumnFormat,
  type Deserializer,
  type EncodedGroup,
  emptyRows,
  memoryBytes,
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

/** Records, one after the other, to be made into a group of a file. */
export interface GroupOfRecords<Options> {
  readonly data: Uint8Array
  /** Bytes of each record. */
  readonly lengths: Uint32Array
  readonly type: RowType
  readonly deserializer: Deserializer
  readonly options: Options
}

/** Mostly one; more where rows take far more memory than their JSON, as in a table of many columns of which few are there. */
export interface EncodedGroups<Facts> {
  readonly groups: readonly EncodedGroup<Facts>[]
}

/** A format, and the work that makes groups of it on another thread. */
export interface GroupFormat<Options, Facts> {
  readonly format: ColumnFormat<Options, Facts>
  readonly work: Work<GroupOfRecords<Options>, EncodedGroups<Facts>>
}

/** Rows that take so much memory become a group: that bounds what a thread holds, whatever the table and the records are like. */
const rowsBytesMax = 128 * 1024 * 1024
/** How much JSON is read between two looks at that. */
const lookBytes = 64 * 1024

/** Under the names under which another thread finds them. */
export const parquetGroups = groupWork("parquetGroups", parquet)
export const orcGroups = groupWork("orcGroups", orc)

function groupWork<Options, Facts>(
  name: string,
  format: ColumnFormat<Options, Facts>,
): Work<GroupOfRecords<Options>, EncodedGroups<Facts>> {
  return {
    module: import.meta.url,
    name,
    run({ data, lengths, type, deserializer, options }) {
      const reader = openRowReader(type, deserializer)
      let rows = emptyRows(type)
      const groups: EncodedGroup<Facts>[] = []
      let start = 0
      let lookAt = lookBytes
      for (const length of lengths) {
        const problem = reader.read(data, start, start + length, rows)
        if (problem !== undefined) {
          throw new Error(`A record that was checked can't be read any more: ${problem.message}`)
        }
        start += length
        if (start < lookAt) continue
        lookAt = start + lookBytes
        if (memoryBytes(rows) < rowsBytesMax) continue
        groups.push(format.encodeGroup(type, rows, options))
        rows = emptyRows(type)
      }
      if (rows.entryCount > 0) groups.push(format.encodeGroup(type, rows, options))
      return { groups }
    },
  }
}

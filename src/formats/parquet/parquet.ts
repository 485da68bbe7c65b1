/**
 * Parquet files (github.com/apache/parquet-format), as Hive and parquet-mr write them (spec/format-conversion.md, sections 4, 5):
 *
 *     "PAR1"
 *     for each row group:   zeros, where it would begin too near to the end of a block
 *                           for each leaf column: a column chunk (column-chunk.ts), which is pages (pages.ts)
 *     FileMetaData          the schema, and where the column chunks are (file-metadata.ts)
 *     int32 little-endian   length of that
 *     "PAR1"
 */
import type { ColumnFormat } from "../columns/index.ts"
import { encodeColumnChunk } from "./column-chunk.ts"
import { fileMetadata, type ParquetGroupFacts } from "./file-metadata.ts"
import { leafColumns } from "./levels.ts"
import type { ParquetOptions } from "./options.ts"
import { leaves } from "./schema.ts"

const magic = Buffer.from("PAR1")

export const parquet: ColumnFormat<ParquetOptions, ParquetGroupFacts> = {
  name: "parquet",
  extension: ".parquet",
  header: magic,

  groupBytesMax: ({ blockSizeBytes }) => blockSizeBytes,

  encodeGroup(type, rows, options) {
    const columns = leafColumns(rows)
    const chunks = leaves(type).map(({ path, leaf }, index) => {
      const column = columns[index]
      if (column === undefined) throw new TypeError(`The rows have no column ${JSON.stringify(path.join("."))}`)
      return encodeColumnChunk(leaf, column, options)
    })
    return {
      bytes: Buffer.concat(chunks.flatMap((chunk) => chunk.parts)),
      rowCount: rows.entryCount,
      facts: { columns: chunks.map((chunk) => chunk.facts) },
    }
  },

  paddingBytes(offset, groupBytes, { blockSizeBytes, maxPaddingBytes }) {
    const restOfBlock = blockSizeBytes - (offset % blockSizeBytes)
    return groupBytes > restOfBlock && restOfBlock <= maxPaddingBytes ? restOfBlock : 0
  },

  footer(type, groups, options) {
    const metadata = fileMetadata(type, groups, options)
    const length = Buffer.alloc(4)
    length.writeInt32LE(metadata.length)
    return Buffer.concat([metadata, length, magic])
  },
}

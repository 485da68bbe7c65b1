/**
 * Apache ORC, version 1 of its specification: a file that holds the rows of a table by columns.
 *
 *     "ORC"
 *     stripes                 stripe.ts; between them zeros, if padding is on
 *     Metadata                statistics of each column in each stripe; compressed
 *     Footer                  where the stripes are, columns and their types, statistics; compressed
 *     PostScript              lengths of Footer and Metadata, compression, versions; not compressed
 *     length of PostScript    one byte
 *
 * Messages are protocol buffers (messages.ts). Readers begin at the end.
 */
import { Buffer } from "node:buffer"
import type { ColumnFormat, PlacedGroup, RowType } from "../columns/index.ts"
import { columnTypes } from "./column-types.ts"
import { chunkBytesMax, store } from "./compression.ts"
import { footer, metadata, postScript } from "./messages.ts"
import type { OrcOptions } from "./options.ts"
import { type ColumnStatistics, mergeStatistics } from "./statistics.ts"
import { encodeStripe, type OrcStripeFacts } from "./stripe.ts"

const magic = Buffer.from("ORC")

/** Rows as ORC files: stripes and a footer (spec/format-conversion.md, sections 4 and 5). */
export const orc: ColumnFormat<OrcOptions, OrcStripeFacts> = {
  name: "orc",
  extension: ".orc",
  header: magic,
  groupBytesMax: ({ stripeSizeBytes }) => stripeSizeBytes,
  encodeGroup: encodeStripe,

  /** To the end of the block, where so little is left of it that no stripe is made for that, and this one is larger. */
  paddingBytes(offset, groupBytes, { enablePadding, blockSizeBytes, stripeSizeBytes, paddingTolerance }) {
    const leftBytes = blockSizeBytes - (offset % blockSizeBytes)
    const isPadded = enablePadding && leftBytes < groupBytes && leftBytes < paddingTolerance * stripeSizeBytes
    return isPadded && leftBytes < blockSizeBytes ? leftBytes : 0
  },

  footer(type, groups, options) {
    const { compression } = options
    const metadataBytes = store(
      metadata(
        type,
        groups.map(({ facts }) => facts.statistics),
      ),
      compression,
    ).bytes
    const last = groups.at(-1)
    const footerBytes = store(
      footer({
        headerLength: magic.length,
        contentLength: last === undefined ? magic.length : last.offset + last.sizeBytes,
        stripes: groups.map(({ offset, rowCount, facts }) => ({ ...facts, offset, rowCount })),
        type,
        rowCount: groups.reduce((sum, { rowCount }) => sum + rowCount, 0),
        statistics: fileStatistics(type, groups),
        options,
      }),
      compression,
    ).bytes
    const end = postScript({
      footerLength: footerBytes.length,
      metadataLength: metadataBytes.length,
      compressionBlockSize: chunkBytesMax,
      options,
    })
    return Buffer.concat([metadataBytes, footerBytes, end, Uint8Array.of(end.length)])
  },
}

function fileStatistics(type: RowType, groups: readonly PlacedGroup<OrcStripeFacts>[]): readonly ColumnStatistics[] {
  const nothing: ColumnStatistics = { valueCount: 0, hasNull: false, range: null, sum: "0" }
  return columnTypes(type).map((columnType, id) =>
    mergeStatistics(columnType, [nothing, ...groups.map(({ facts }) => facts.statistics[id] ?? nothing)]),
  )
}

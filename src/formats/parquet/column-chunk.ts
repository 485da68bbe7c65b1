/** A column chunk: all values of one leaf column in a row group, as a dictionary page where that pays, and data pages. */
import { type Bounds, boundsOf } from "./bounds.ts"
import { ByteWriter } from "./byte-writer.ts"
import type { LeafColumn } from "./levels.ts"
import type { ParquetOptions } from "./options.ts"
import { pageRanges } from "./page-ranges.ts"
import { dataPage, dictionaryPage, type Page } from "./pages.ts"
import { physicalValues } from "./physical-values.ts"
import type { Leaf } from "./schema.ts"
import { chooseEncoding, type Encoding } from "./value-encoding.ts"

/** What the footer says of a column chunk. */
export interface ChunkFacts {
  /** Of all its pages with their headers, as they are stored, and as they would be without compression. */
  readonly sizeBytes: number
  readonly plainBytes: number
  /** Of its dictionary page with its header, as it is stored: 0 when it has none. */
  readonly dictionaryPageBytes: number
  readonly dataPageCount: number
  /** Of the values in its data pages. */
  readonly encoding: Encoding
  /** Nulls included. */
  readonly slotCount: number
  readonly nullCount: number
  /** As base64. */
  readonly bounds?: { readonly least: string; readonly greatest: string }
}

export interface ColumnChunk {
  /** One after the other. */
  readonly parts: readonly Uint8Array[]
  readonly facts: ChunkFacts
}

export function encodeColumnChunk(leaf: Leaf, column: LeafColumn, options: ParquetOptions): ColumnChunk {
  const { levels } = column
  const values = physicalValues(column.values, leaf.widthBytes)
  const { dictionary, encoding } = chooseEncoding(values, options)
  const writer = new ByteWriter()
  const dictionaryPages = dictionary ? [dictionaryPage(dictionary, options, writer)] : []
  const ranges = pageRanges(levels, values.count, encoding, options.pageSizeBytes)
  const pages = [...dictionaryPages, ...ranges.map((range) => dataPage(range, levels, encoding, options, writer))]
  const bounds = boundsOf(dictionary?.distinct ?? values)
  const slotCount = levels.definitions.length
  return {
    parts: pages.flatMap((page) => page.parts),
    facts: {
      sizeBytes: sum(pages, (page) => page.sizeBytes),
      plainBytes: sum(pages, (page) => page.plainBytes),
      dictionaryPageBytes: sum(dictionaryPages, (page) => page.sizeBytes),
      dataPageCount: ranges.length,
      encoding: encoding.name,
      slotCount,
      nullCount: slotCount - values.count,
      ...(bounds ? { bounds: base64(bounds) } : {}),
    },
  }
}

function sum(pages: readonly Page[], sizeOf: (page: Page) => number): number {
  return pages.reduce((total, page) => total + sizeOf(page), 0)
}

function base64({ least, greatest }: Bounds) {
  return { least: Buffer.from(least).toString("base64"), greatest: Buffer.from(greatest).toString("base64") }
}

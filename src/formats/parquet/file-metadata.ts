/** The FileMetaData that a file's footer holds: its schema, and where its column chunks are. */
import assert from "node:assert/strict"
import type { PlacedGroup, RowType } from "../columns/index.ts"
import type { ChunkFacts } from "./column-chunk.ts"
import type { ParquetOptions } from "./options.ts"
import { dictionaryPageEncoding } from "./pages.ts"
import { type Leaf, leaves, physicalTypeNumbers, schemaElements } from "./schema.ts"
import { binary, i32, i64, list, struct, type Thrift, text, thriftBytes } from "./thrift.ts"
import { type Encoding, encodingNumbers } from "./value-encoding.ts"

/** What the footer says of a row group. */
export interface ParquetGroupFacts {
  /** In the order of the schema's leaves. */
  readonly columns: readonly ChunkFacts[]
}

/**
 * The form in which readers look for writers with known errors. The version is that of this encoder and not the program's: what
 * a newer Hydrant writes again, after a crash, is to have the same bytes.
 */
const createdBy = "hydrant version 1.0.0 (build 1)"

const compressionNumbers = { UNCOMPRESSED: 0, SNAPPY: 1, GZIP: 2 } as const

export function fileMetadata(
  type: RowType,
  groups: readonly PlacedGroup<ParquetGroupFacts>[],
  options: ParquetOptions,
): Uint8Array {
  const columns = leaves(type)
  const metadata = struct({
    // Of the file. The format's advice is to write 1 in any case, as parquet-mr does for both of its writer versions.
    1: i32(1),
    2: list(schemaElements(type)),
    3: i64(groups.reduce((total, group) => total + group.rowCount, 0)),
    4: list(groups.map((group) => rowGroup(group, columns, options))),
    6: text(createdBy),
    // Bounds are in the order of each column's type.
    7: list(columns.map(() => struct({ 1: struct({}) }))),
  })
  return thriftBytes(metadata)
}

interface SchemaLeaf {
  readonly path: readonly string[]
  readonly leaf: Leaf
}

function rowGroup(
  { offset, sizeBytes, rowCount, facts }: PlacedGroup<ParquetGroupFacts>,
  columns: readonly SchemaLeaf[],
  options: ParquetOptions,
): Thrift {
  assert.equal(facts.columns.length, columns.length, "A row group has a column chunk for each leaf of the schema")
  let end = offset
  const chunks = facts.columns.map((chunk, index) => {
    const start = end
    end += chunk.sizeBytes
    return columnChunk(chunk, columns[index], start, options)
  })
  assert.equal(end, offset + sizeBytes, "A row group is its column chunks")
  return struct({
    1: list(chunks),
    2: i64(facts.columns.reduce((total, chunk) => total + chunk.plainBytes, 0)),
    3: i64(rowCount),
    5: i64(offset),
    6: i64(sizeBytes),
  })
}

function columnChunk(
  chunk: ChunkFacts,
  column: SchemaLeaf | undefined,
  start: number,
  options: ParquetOptions,
): Thrift {
  assert(column)
  const { bounds, dataPageCount, dictionaryPageBytes, encoding, nullCount, plainBytes, sizeBytes, slotCount } = chunk
  const hasDictionary = dictionaryPageBytes > 0
  const dictionaryEncoding = dictionaryPageEncoding(options)
  const encodings = new Set<Encoding>([...(hasDictionary ? [dictionaryEncoding] : []), encoding, "RLE"])
  const pages = [
    ...(hasDictionary ? [pagesOf({ type: 2, encoding: dictionaryEncoding, count: 1 })] : []),
    pagesOf({ type: options.writerVersion === "V1" ? 0 : 3, encoding, count: dataPageCount }),
  ]
  const statistics = struct({
    3: i64(nullCount),
    5: bounds && binary(Buffer.from(bounds.greatest, "base64")),
    6: bounds && binary(Buffer.from(bounds.least, "base64")),
  })
  const metadata = struct({
    1: i32(physicalTypeNumbers[column.leaf.physicalType]),
    2: list([...encodings].map((one) => i32(encodingNumbers[one]))),
    3: list(column.path.map(text)),
    4: i32(compressionNumbers[options.compression]),
    5: i64(slotCount),
    6: i64(plainBytes),
    7: i64(sizeBytes),
    9: i64(start + dictionaryPageBytes),
    11: hasDictionary ? i64(start) : undefined,
    12: statistics,
    13: list(pages),
  })
  // The first field is for metadata that stands elsewhere in the file; the format asks for 0.
  return struct({ 2: i64(0), 3: metadata })
}

/** How many pages of a type have this encoding. */
function pagesOf({ type, encoding, count }: { type: number; encoding: Encoding; count: number }): Thrift {
  return struct({ 1: i32(type), 2: i32(encodingNumbers[encoding]), 3: i32(count) })
}

import { type ConversionProblem, type Deserializer, emptyRows, openRowReader } from "../formats/index.ts"
import type { TableReference, Tables } from "../tables/index.ts"
import type { OutputFormat } from "./column-formats.ts"
import { type RowSchema, type RowSchemaId, rowSchemaId } from "./row-schema.ts"
import type { RowSchemas } from "./row-schemas.ts"

/** A stream's conversion, as it is configured: spec/format-conversion.md. */
export interface ConfiguredConversion {
  readonly table: TableReference
  readonly deserializer: Deserializer
  readonly format: OutputFormat
}

/** What conversion reaches the outside through. */
export interface ConversionWorld {
  readonly tables: Tables
  readonly rowSchemas: RowSchemas
}

/**
 * Converts a stream's records in two steps. Each record is checked when it is processed, under the table as it is then: one that is
 * not as the table wants it is an error record, and no other is touched by it. Those that passed are buffered as they are, under the
 * id of the schema, and made into a file when they are delivered (convert.ts), by the same schema: that they can be is certain.
 */
export interface Conversion {
  /**
   * Looks at the table.
   * @throws TableError when the table can't be read, or makes no rows
   */
  check(signal: AbortSignal): Promise<RecordCheck>
}

/** Checks records under the schema of one moment. */
export interface RecordCheck {
  readonly schema: RowSchemaId
  readonly table: TableOfRecord
  /** What is wrong with a record; undefined when it becomes rows. */
  problemOf(record: Uint8Array): ConversionProblem | undefined
  /** Makes the schema durable: to be done before anything is stored that passed. */
  keep(): Promise<void>
}

/** The table that a record was checked by, as its error record names it (spec/s3.md, section 7). */
export interface TableOfRecord {
  readonly catalogId: string
  readonly databaseName: string
  readonly tableName: string
  /** Absent: the stream's. */
  readonly region?: string
  readonly versionId: string
  readonly roleArn: string
}

/** Opens what a stream is configured with. */
export function openConversion(
  { table, deserializer }: Pick<ConfiguredConversion, "table" | "deserializer">,
  { tables, rowSchemas }: ConversionWorld,
): Conversion {
  let last:
    | { readonly id: RowSchemaId; readonly check: (record: Uint8Array) => ConversionProblem | undefined }
    | undefined
  return {
    async check(signal) {
      const { rowType, versionId = table.versionId } = await tables.read(table, signal)
      const schema: RowSchema = { type: rowType, deserializer }
      const id = rowSchemaId(schema)
      if (last?.id !== id) last = { id, check: checkOf(schema) }
      const { databaseName, tableName, region, roleArn } = table
      // The default is the caller's account, which the role has to belong to (spec/format-conversion.md, sections 1 and 2).
      const catalogId = table.catalogId ?? roleArn.split(":")[4] ?? ""
      return {
        schema: id,
        table: { catalogId, databaseName, tableName, versionId, roleArn, ...(region !== undefined && { region }) },
        problemOf: last.check,
        keep: async () => void (await rowSchemas.keep(schema)),
      }
    },
  }
}

/** Rows of so many bytes of JSON are thrown away together: what is kept for each stream is no more than becomes of that. */
const keptRecordBytesMax = 64 * 1024

function checkOf({ type, deserializer }: RowSchema): (record: Uint8Array) => ConversionProblem | undefined {
  const reader = openRowReader(type, deserializer)
  const rows = emptyRows(type)
  let keptRecordBytes = 0
  return (record) => {
    const { byteLength } = record
    // Memory that grew for a long record is not kept.
    if (byteLength > keptRecordBytesMax) {
      return openRowReader(type, deserializer).read(record, 0, byteLength, emptyRows(type))
    }
    keptRecordBytes += byteLength
    if (keptRecordBytes > keptRecordBytesMax) {
      rows.clear()
      keptRecordBytes = byteLength
    }
    return reader.read(record, 0, byteLength, rows)
  }
}

import type { RowType, StructValues } from "../columns/index.ts"

/** How records are read: the API's deserializer, with defaults filled in (spec/format-conversion.md, section 3). */
export type Deserializer =
  | {
      readonly kind: "openx"
      readonly convertDotsInJsonKeysToUnderscores: boolean
      readonly caseInsensitive: boolean
      /** JSON key by column name. */
      readonly columnToJsonKeyMappings: Readonly<Record<string, string>>
    }
  /** No formats: as java.sql.Timestamp reads them. */
  | { readonly kind: "hive"; readonly timestampFormats: readonly string[] }

/** Reads JSON records into the columns of a table. What it makes of a record depends on nothing but that record. */
export interface RowReader {
  /**
   * Appends the rows of the record `bytes[start, end)`: one for each of its JSON objects (spec/format-conversion.md, section 1).
   * When anything is wrong with it, nothing of it is left in `rows`.
   */
  read(bytes: Uint8Array, start: number, end: number, rows: StructValues): ConversionProblem | undefined
}

/** What is wrong with a record, as its error object says (section 6). */
export interface ConversionProblem {
  readonly code:
    | "DataFormatConversion.ParseError"
    | "DataFormatConversion.MalformedData"
    | "DataFormatConversion.InvalidRecord"
  readonly message: string
}

/** A reader of records of a table. */
export type OpenRowReader = (type: RowType, deserializer: Deserializer) => RowReader

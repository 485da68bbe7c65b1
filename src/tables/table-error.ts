/** What can be wrong with a table: spec/format-conversion.md, section 6. */
export type TableErrorCode =
  | "DataFormatConversion.AccessDenied"
  | "DataFormatConversion.EntityNotFound"
  | "DataFormatConversion.GlueEncryptionException"
  | "DataFormatConversion.InvalidInput"
  | "DataFormatConversion.InvalidSchema"
  | "DataFormatConversion.InvalidTypeFormat"
  | "DataFormatConversion.InvalidVersionId"
  | "DataFormatConversion.NonExistentColumns"
  | "DataFormatConversion.SchemaValidationTimeout"
  | "DataFormatConversion.ThrottledByGlue"
  | "DataFormatConversion.ValidationException"
  | "DataFirehose.InternalError"

/** A table can't be had, or not be used. All of it may be mended meanwhile, so a later attempt may work. */
export class TableError extends Error {
  readonly code: TableErrorCode

  /** `message`: for a person: what failed, on what, and what to do. */
  constructor(code: TableErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = "TableError"
    this.code = code
  }
}

/** JSON records to rows of a table, and those to files of columns. */
export { type OutputFormat, outputExtension } from "./column-formats.ts"
export {
  type ConfiguredConversion,
  type Conversion,
  type ConversionWorld,
  openConversion,
  type RecordCheck,
  type TableOfRecord,
} from "./conversion.ts"
export { conversionMemoryBytes, converted } from "./convert.ts"
export { asRowSchemaId, type RowSchema, type RowSchemaId } from "./row-schema.ts"
export { RowSchemaFolder, type RowSchemas } from "./row-schemas.ts"

/** Reads JSON records into the columns of a table. */
export { openRowReader } from "./record-reader.ts"
export type { ConversionProblem, Deserializer, RowReader } from "./row-reader.ts"
export { timestampFormatProblem } from "./timestamp-formats.ts"

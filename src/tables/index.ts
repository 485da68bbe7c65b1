/** Schemas of tables, by which records become rows: declared in hydrant.yaml, from a folder of files, or from AWS Glue. */
export { noTables, type OpenTables, openTables, type TablesSettings } from "./open-tables.ts"
export { TableError, type TableErrorCode } from "./table-error.ts"
export { latestVersion, type Table, type TableReference, type Tables } from "./tables.ts"

/** Tables of AWS Glue, or of a service that speaks its protocol. */
export type { GlueSettings } from "./glue-tables.ts"
export { openGlueTables } from "./open-glue-tables.ts"

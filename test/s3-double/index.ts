/** A small, strict S3 server for tests: signatures, checksums and multipart rules are checked, and faults can be ordered. */
export type { FaultKind } from "./faults.ts"
export type { Operation } from "./operation.ts"
export { S3Double, type S3DoubleOptions } from "./s3-double.ts"

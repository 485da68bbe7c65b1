/** A small, strict S3 server for tests: signatures, checksums and multipart rules are checked, and faults can be ordered. */

export type { StoredObject } from "./buckets.ts"
export type { Fault, FaultKind } from "./faults.ts"
export type { Operation } from "./operation.ts"
export { S3Double, type S3DoubleOptions, type SeenRequest } from "./s3-double.ts"

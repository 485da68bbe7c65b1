/** A store of the S3 protocol. */
export { createS3Reader } from "./s3-reader.ts"
export { createS3Store, type S3StoreSettings } from "./s3-store.ts"

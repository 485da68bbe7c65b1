/** A store of the S3 protocol. */
export { createS3Store, type S3StoreSettings } from "./s3-store.ts"

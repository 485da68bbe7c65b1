/** Amazon S3, and stores of its kind. */
export { s3 } from "./s3.ts"

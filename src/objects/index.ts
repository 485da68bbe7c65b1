/** Object stores, and how objects in them are named. */
export { createFolderStore } from "./folder/folder-store.ts"
export { checkNaming, objectNaming } from "./naming/index.ts"
export { createS3Store, type S3StoreSettings } from "./s3/s3-store.ts"
export type { ObjectEncryption, ObjectStore, ObjectToPut, PutOutcome } from "./store.ts"

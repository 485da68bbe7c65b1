/** Object stores, and how objects in them are named. */
export { createFolderStore } from "./folder/folder-store.ts"
export {
  checkNaming,
  type ErrorOutputType,
  type ObjectNaming,
  objectNaming,
  type Partition,
  type PartitionKeys,
  queryKeysOf,
} from "./naming/index.ts"
export { openS3Store } from "./open-s3-store.ts"
export type { ObjectEncryption, ObjectStore, ObjectToPut, PutOutcome } from "./store.ts"

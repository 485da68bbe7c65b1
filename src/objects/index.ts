/** Object stores, and how objects in them are named. */
export { createFolderReader } from "./folder/folder-reader.ts"
export { createFolderStore } from "./folder/folder-store.ts"
export {
  checkNaming,
  type ErrorOutputType,
  errorOutputTypes,
  type ObjectNaming,
  type ObjectToName,
  objectNaming,
  type Partition,
  type PartitionKeys,
  type PartitionOutcome,
  queryKeysOf,
} from "./naming/index.ts"
export { openS3Reader, openS3Store } from "./open-s3-store.ts"
export { type ListedObject, type ObjectReader, ReadFailure } from "./reader.ts"
export type { ObjectEncryption, ObjectStore, ObjectToPut, PutOutcome } from "./store.ts"

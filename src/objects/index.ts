/** Object stores, and how objects in them are named. */
export {
  checkNaming,
  type ErrorOutputType,
  errorOutputTypes,
  type NamingConfiguration,
  type ObjectNaming,
  type ObjectToName,
  objectNaming,
} from "./naming/index.ts"
export type { ObjectEncryption, ObjectStore, ObjectToPut, PutOutcome } from "./store.ts"

/** Object stores, and how objects in them are named. */
export type { ObjectEncryption, ObjectStore, ObjectToPut, PutOutcome } from "./store.ts"

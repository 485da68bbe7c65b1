/** A small KMS server for tests: keys that can be disabled, denied and deleted, and a service that can be away. */
export { KmsDouble } from "./kms-double.ts"

/**
 * Envelope encryption. A stream has data keys, which seal its records; each is kept in the stream's definition, wrapped by
 * a master key: of the server's key file, or of KMS.
 */

export { byKind } from "./by-kind.ts"
export { asKeyError, failureOf, type KeyError, KeyRefusedError } from "./key-errors.ts"
export { isWrappedByFile, KeyFile, type KeyFileOptions } from "./key-file.ts"
export type { KeyWrapper, NewDataKey } from "./key-wrapper.ts"
export { Keys, type KeysOptions } from "./keys.ts"
export type { KmsSettings } from "./kms.ts"
export { noKms, openKms } from "./open-kms.ts"
export type { StreamKeys } from "./stream-keys.ts"

/** The catalog: which streams exist, how each is configured, and in which status it is. */
export type { Catalog, CreateOutcome, NewStream } from "./catalog.ts"
export type {
  EncryptionState,
  Failure,
  MasterKey,
  StoredDestination,
  StreamDefinition,
  StreamEncryption,
  StreamStatus,
  Tag,
  WrappedDataKey,
} from "./definition.ts"
export { notEncrypted } from "./definition.ts"
export {
  afterDisabling,
  disabling,
  enabled,
  enabling,
  enablingFailed,
  encryptedWith,
  encryptionChangesMax,
  hasChangedTooOften,
  isChanging,
  masterKeyInForce,
  sealingKey,
} from "./encryption.ts"
export { type LocalCatalogOptions, openLocalCatalog } from "./local-catalog.ts"
export { streamArn } from "./stream-arn.ts"

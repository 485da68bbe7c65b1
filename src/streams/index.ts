/** The catalog: which streams exist, how each is configured, and in which status it is. */
export type { Catalog, CreateOutcome, NewStream } from "./catalog.ts"
export type { Failure, StoredDestination, StreamDefinition, StreamStatus, Tag } from "./definition.ts"
export { type LocalCatalogOptions, openLocalCatalog } from "./local-catalog.ts"

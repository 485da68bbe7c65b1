/** What processing made of a stream's records, kept durably until it is delivered. */
export { type Block, BlockList } from "./block-list.ts"
export { type BlockToStore, type RecoveredBlock, Spool, type StoredBlock, type StoredChunk } from "./spool.ts"

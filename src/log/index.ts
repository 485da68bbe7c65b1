/** The durable log. See log.ts for the words. */
export { BufferPool } from "./local/buffer-pool.ts"
export { FollowedLog } from "./local/followed-log.ts"
export type { FollowedPartition, PartitionSource } from "./local/followed-partition.ts"
export { type GrownPartition, GrowthTeller } from "./local/growth-teller.ts"
export { type LocalLog, type LocalLogOptions, openLocalLog } from "./local/local-log.ts"
export type { LocalPartition } from "./local/local-partition.ts"
export { deriveSegmentKey, nonceBytes as sealNonceBytes, openBody, sealBody, sealOverheadBytes } from "./local/seal.ts"
export {
  AppendError,
  type Appended,
  type AppendRefusal,
  advance,
  asPosition,
  batchOf,
  type Damage,
  type Frame,
  type FrameKey,
  type FrameKeys,
  inTheClear,
  KeyUnavailableError,
  type Log,
  type LogPartition,
  type MeasuredFrame,
  type Measurement,
  type PartitionExtent,
  type PartitionName,
  type PartitionReader,
  type Position,
  type ReadingKeys,
  type ReadPiece,
  type RecordBatch,
  type SealingState,
  type SharedPartition,
} from "./log.ts"

/** The durable log. See log.ts for the words. */
export type { FollowedPartition, PartitionSource } from "./local/followed-partition.ts"
export { type LocalLog, type LocalLogOptions, openLocalLog } from "./local/local-log.ts"
export type { LocalPartition } from "./local/local-partition.ts"
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
  type ReadPiece,
  type RecordBatch,
  type SealingState,
} from "./log.ts"

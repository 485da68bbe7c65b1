/** The durable log. See log.ts for the words. */
export { type LocalLogOptions, openLocalLog } from "./local/local-log.ts"
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
  type PartitionName,
  type PartitionReader,
  type Position,
  type ReadResult,
  type RecordBatch,
  type SealingState,
} from "./log.ts"

/** The durable log. See log.ts for the words. */
export { type LocalLogOptions, openLocalLog } from "./local/local-log.ts"
export {
  AppendError,
  type Appended,
  advance,
  asPosition,
  batchOf,
  type Damage,
  type Frame,
  type Log,
  type LogPartition,
  type PartitionName,
  type Position,
  type ReadResult,
  type RecordBatch,
} from "./log.ts"

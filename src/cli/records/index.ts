/** From bytes to records that are put: cut into lines, gathered into batches, sent several at a time. */
export { type BatchLimits, batchLimits, recordBytesMax } from "./batcher.ts"
export { type LineRecord, LineSplitter, LineTooLong } from "./line-splitter.ts"
export { type PutBatchOptions, type PutBatchOutcome, putBatch } from "./put-batch.ts"
export { Sender } from "./sender.ts"

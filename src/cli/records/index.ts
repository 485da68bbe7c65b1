/** From bytes to records that are put: cut into lines, gathered into batches, sent several at a time. */
export { batchLimits, recordBytesMax } from "./batcher.ts"
export { type LineRecord, LineSplitter, LineTooLong } from "./line-splitter.ts"
export { putBatch } from "./put-batch.ts"
export { Sender } from "./sender.ts"

/** From an accepted put to durable records and their ids. */
export { batchOf, type RecordBatch } from "../log/index.ts"
export type { Ingest, PutOutcome } from "./ingest.ts"
export { LogIngest, type LogIngestOptions } from "./log-ingest.ts"
export { locateRecord, type RecordLocation } from "./record-id.ts"

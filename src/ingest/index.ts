/** From an accepted put to durable records and their ids. */
export type { Ingest, PutOutcome } from "./ingest.ts"

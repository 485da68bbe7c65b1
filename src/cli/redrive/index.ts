/** From error objects back to records: listed, read, decompressed, chosen, and noted once they are put. */
export { openErrorObjects } from "./error-objects.ts"
export { errorTypes } from "./error-record.ts"
export { PutNotes } from "./put-notes.ts"
export { type FailedRecord, readErrorObjects } from "./read-error-objects.ts"
export type { Selection } from "./selection.ts"
export { type Problem, Tally } from "./tally.ts"

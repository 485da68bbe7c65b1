/** jq, for MetadataExtraction. */
export type { JqEngine, JqOutcome, JqRun } from "./jq-engine.ts"
export { createJqHere } from "./jq-here.ts"
export { createJqThreads } from "./jq-threads.ts"
export { numberText } from "./number-text.ts"
export { type PlainQuery, plainQuery } from "./plain-query.ts"
export { forbiddenWord, queryKeys } from "./query.ts"

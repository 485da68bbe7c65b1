/** jq, for MetadataExtraction. */
export type { JqEngine, JqOutcome, JqRun } from "./jq-engine.ts"

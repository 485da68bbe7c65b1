/** jq, for MetadataExtraction. */
export type { JqEngine, JqOutcome } from "./jq-engine.ts"

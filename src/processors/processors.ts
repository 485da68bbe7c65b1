import { appendDelimiter } from "./append-delimiter.ts"
import { cloudWatchLogProcessing } from "./cloudwatch-log-processing.ts"
import { decompression } from "./decompression.ts"
import { lambda } from "./lambda/index.ts"
import { metadataExtraction } from "./metadata-extraction.ts"
import type { ProcessorKind } from "./processor.ts"
import { recordDeaggregation } from "./record-deaggregation.ts"

/**
 * All processors, in the order in which a stream's records go through them, whatever the order of its configuration:
 * spec/processing.md, section 2.
 */
export const processors: readonly ProcessorKind[] = [
  decompression,
  cloudWatchLogProcessing,
  recordDeaggregation,
  lambda,
  metadataExtraction,
  appendDelimiter,
]

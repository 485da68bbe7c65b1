import type { ProcessedStream } from "./processor.ts"

/** The rule of processors that are only for dynamic partitioning: spec/processing.md, section 1. */
export function needsPartitioning(processor: string, { isPartitioned }: ProcessedStream): string | undefined {
  if (isPartitioned) return undefined
  return `class com.amazonaws.services.firehose.internal.model.${processor} can only be present when Dynamic Partitioning is enabled.`
}

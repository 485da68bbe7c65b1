/** What happens to records before they are buffered: one file a processor. */
export { openChain } from "./chain.ts"
export { type ConfiguredProcessor, checkProcessors, type StreamFacts, withProcessorDefaults } from "./configuration.ts"
export { createJqHere, createJqThreads } from "./jq/index.ts"
export type {
  Chunk,
  ChunkHints,
  FailureKind,
  Parameter,
  Parameters,
  PartitionKeys,
  Processed,
  ProcessedStream,
  ProcessingCount,
  ProcessingCounter,
  Processor,
  ProcessorChain,
  ProcessorExtensions,
  ProcessorKind,
  ProcessorType,
  ProcessorWorld,
  RecordFailure,
  SourceRecord,
  WorkingRecord,
} from "./processor.ts"

import type { Functions } from "../functions/index.ts"
import type { Logger } from "../observe/index.ts"
import type { Clock, Random } from "../platform/index.ts"
import type { JqEngine } from "./jq/index.ts"

/**
 * A step that a stream's records go through before they are buffered: spec/processing.md. A new one is one file beside this
 * and one line in the table (processors.ts), whose order is the order in which steps are applied.
 *
 * - chunk: the source records that go through all steps together.
 * - source record: a record as its producer put it. Error and backup copies always hold that.
 * - working record: what became of one, or of a part of one, so far.
 */
export interface ProcessorKind {
  /** ProcessingConfiguration.Processors[].Type. */
  readonly type: ProcessorType
  /** The parameters that it knows, by ParameterName. */
  readonly parameterNames: readonly string[]
  /** What is wrong with the parameters, as the text of an InvalidArgumentException; undefined when nothing is. */
  check(parameters: Parameters, stream: ProcessedStream): string | undefined
  /** The parameters as DescribeDeliveryStream shows them: with the defaults that the service fills in, in its order. */
  withDefaults(parameters: readonly Parameter[], stream: ProcessedStream): readonly Parameter[]
  /** What the parameters ask to be collected before this step is done; undefined when it asks for nothing. */
  hints?(parameters: Parameters): ChunkHints
  /** The step. Asked for once for each configuration; the parameters were checked when they were stored. */
  open(parameters: Parameters, world: ProcessorWorld): Processor
}

export type ProcessorType =
  | "Decompression"
  | "CloudWatchLogProcessing"
  | "RecordDeAggregation"
  | "Lambda"
  | "MetadataExtraction"
  | "AppendDelimiterToRecord"

/** One parameter, by the API's names. */
export interface Parameter {
  readonly ParameterName: string
  readonly ParameterValue: string
}

/** Values by ParameterName: duplicates were refused before. */
export type Parameters = ReadonlyMap<string, string>

/** What the rules of a processor look at beside its own parameters. */
export interface ProcessedStream {
  /** Types of all processors of the stream. */
  readonly types: ReadonlySet<ProcessorType>
  /** Whether dynamic partitioning is on. */
  readonly isPartitioned: boolean
  /** Keys of `!{partitionKeyFromQuery:...}` in the stream's prefix. */
  readonly prefixQueryKeys: ReadonlySet<string>
  /** The destination's role: what a Lambda's RoleArn defaults to. */
  readonly roleArn: string
}

/** What a chunk is like that suits a step. Of several steps the strictest counts. */
export interface ChunkHints {
  /** It is closed with the record that reaches it. */
  readonly sizeBytes?: number
  /** It is closed when its oldest record is as old. */
  readonly intervalMs?: number
  /** What it may become in memory, where that is not a few times its bytes. */
  readonly memoryBytes?: number
  /** The step waits for something outside, which may hang. */
  readonly waits?: true
}

/** What processors reach the outside through. */
export interface ProcessorWorld {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Pick<Logger, "warn">
  readonly functions: Functions
  readonly jq: JqEngine
  readonly extensions: ProcessorExtensions
}

/** What goes beyond AWS, and is off unless the settings say otherwise. */
export interface ProcessorExtensions {
  /** A Lambda may answer one id several times, each with a record of its own; de-aggregation knows no limit of 500. */
  readonly oneToMany: boolean
}

export interface SourceRecord {
  readonly data: Uint8Array
  /** Milliseconds since the epoch. */
  readonly arrivalMs: number
  /** Unique within its stream, and the same whenever it is processed again. */
  readonly id: string
}

export interface Chunk {
  readonly sources: readonly SourceRecord[]
  readonly stream: { readonly arn: string; readonly region: string }
}

export interface WorkingRecord {
  /** Which record of the chunk it came from. */
  readonly source: number
  readonly data: Uint8Array
  /** Found so far; absent when no step looked for any. */
  readonly keys?: PartitionKeys
}

/** What names a record's partition: spec/s3.md, section 2. Values are never empty. */
export interface PartitionKeys {
  /** `!{partitionKeyFromQuery:...}`. */
  readonly query?: Readonly<Record<string, string>>
  /** `!{partitionKeyFromLambda:...}`. */
  readonly lambda?: Readonly<Record<string, string>>
}

/** A source record that a step could not process: it goes to the error output, whole, as it was put. */
export interface RecordFailure {
  readonly source: number
  readonly kind: FailureKind
  /** spec/observability.md, section 3. */
  readonly code: string
  readonly message: string
  /** At least 1. */
  readonly attemptsMade: number
  /** Milliseconds since the epoch. */
  readonly attemptEndedMs: number
  /** Of the function that failed, with its qualifier; absent when it was none. */
  readonly lambdaArn?: string
}

/** The error output types that processors know: spec/s3.md, section 3. */
export type FailureKind =
  | "processing-failed"
  | "decompression-failed"
  | "metadata-extraction-failed"
  | "activePartitionExceeded"

/** What a step made of the records. One that is in neither list was dropped on purpose. */
export interface Processed {
  readonly records: readonly WorkingRecord[]
  readonly failures: readonly RecordFailure[]
  /** What the step counted, by the names of the metrics. */
  readonly counts: readonly ProcessingCount[]
}

export interface ProcessingCount {
  readonly name: ProcessingCounter
  readonly amount: number
}

/** spec/observability.md, section 1, Processing. */
export type ProcessingCounter =
  | "ExecuteProcessing.Duration"
  | "ExecuteProcessing.Success"
  | "ExecuteProcessing.Invocations"
  | "SucceedProcessing.Records"
  | "SucceedProcessing.Bytes"
  | "JQProcessing.Duration"
  | "OutputDecompressedBytes.Success"
  | "OutputDecompressedBytes.Failed"
  | "OutputDecompressedRecords.Success"
  | "OutputDecompressedRecords.Failed"

export interface Processor {
  /**
   * Processes records. What is wrong with one of them is a failure of that one; a rejection says that nothing is known of
   * any, so all of them are to be processed again. Output need not be the same when it is.
   * @throws Error whatever keeps the step itself from working; also when `signal` is aborted
   */
  process(records: readonly WorkingRecord[], chunk: Chunk, signal: AbortSignal): Promise<Processed>
}

/** All steps of a stream, one after the other. */
export interface ProcessorChain {
  /** What its steps ask to be collected; undefined when none asks. */
  readonly hints: ChunkHints | undefined
  /** Puts a chunk through every step. Failures and counts of all of them are in the answer. See `Processor.process`. */
  process(chunk: Chunk, signal: AbortSignal): Promise<Processed>
}

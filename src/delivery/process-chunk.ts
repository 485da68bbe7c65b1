import type { BatchOutput, Processing } from "../destinations/index.ts"
import type { Clock } from "../platform/index.ts"
import type { Chunk, PartitionKeys, Processed, WorkingRecord } from "../processors/index.ts"
import { checkRecords } from "./check-records.ts"
import type { ChunkCount, SourceFailure } from "./source-failure.ts"

/** What became of a chunk. A source record that is in neither list was dropped on purpose. */
export interface ProcessedChunk {
  readonly records: readonly AssignedRecord[]
  /** One for each source record and kind of failure at most. */
  readonly failures: readonly SourceFailure[]
  readonly counts: readonly ChunkCount[]
  /** Makes durable what the records hang on. To be done before they are stored. */
  keep(): Promise<void>
}

export interface AssignedRecord {
  /** Which source record of the chunk it came from. */
  readonly source: number
  readonly data: Uint8Array
  readonly output: RecordOutput
}

/** Of records, not of their failures. */
export type RecordOutput = Exclude<BatchOutput, { readonly kind: "failed" }>

/**
 * Puts a chunk through a stream's processors, finds the partition of each record that comes out, and checks whether it can be
 * converted.
 * @throws Error see `Processor.process` and `Conversion.check`
 */
export async function processChunk(
  { chain, partitionOf, conversion }: Processing,
  chunk: Chunk,
  clock: Clock,
  signal: AbortSignal,
): Promise<ProcessedChunk> {
  // First: while the table can't be read, functions need not be called in vain.
  const check = await conversion?.check(signal)
  const processed = chain === undefined ? unprocessed(chunk) : await chain.process(chunk, signal)
  const assigned = assign(processed.records, chunk, partitionOf, clock)
  const checked =
    check === undefined
      ? { ...assigned, failures: [], counts: [] }
      : checkRecords(assigned.records, check, chunk, clock)
  return {
    records: checked.records,
    failures: firstOfEach([...processed.failures, ...assigned.failures, ...checked.failures]),
    counts: [...processed.counts, ...checked.counts],
    keep: async () => check?.keep(),
  }
}

function unprocessed({ sources }: Chunk): Processed {
  return { records: sources.map(({ data }, source) => ({ source, data })), failures: [], counts: [] }
}

function assign(
  records: readonly WorkingRecord[],
  { sources }: Chunk,
  partitionOf: Processing["partitionOf"],
  clock: Clock,
) {
  const data: BatchOutput = { kind: "data" }
  const assigned: AssignedRecord[] = []
  const failures: SourceFailure[] = []
  const known = new Map<string, ReturnType<NonNullable<typeof partitionOf>>>()
  // Records that arrived together often have the same keys: dates are written once for all of them.
  const outcomeOf = (keys: PartitionKeys, arrivalMs: number, find: NonNullable<typeof partitionOf>) => {
    const id = `${arrivalMs} ${JSON.stringify(keys)}`
    const outcome = known.get(id) ?? find(keys, arrivalMs)
    known.set(id, outcome)
    return outcome
  }
  for (const { source, data: bytes, keys = {} } of records) {
    if (partitionOf === undefined) {
      assigned.push({ source, data: bytes, output: data })
      continue
    }
    const outcome = outcomeOf(keys, sources[source]?.arrivalMs ?? 0, partitionOf)
    if (outcome.kind === "partition") {
      assigned.push({ source, data: bytes, output: outcome })
    } else {
      failures.push(partitioningFailure(source, outcome.message, clock))
    }
  }
  return { records: assigned, failures }
}

function partitioningFailure(source: number, message: string, clock: Clock): SourceFailure {
  return {
    source,
    kind: "metadata-extraction-failed",
    code: "DynamicPartitioning.MetadataExtractionFailed",
    message,
    attemptsMade: 1,
    attemptEndedMs: clock.now(),
  }
}

/** What a program says of a record may hold all of it. */
const messageLengthMax = 1024

/** A source record is in the error output once for what went wrong with it, however many parts of it that befell. */
function firstOfEach(failures: readonly SourceFailure[]): readonly SourceFailure[] {
  const seen = new Set<string>()
  const inOrder = failures
    .map((failure) => ({ ...failure, message: failure.message.slice(0, messageLengthMax) }))
    .sort((one, other) => one.source - other.source)
  return inOrder.filter(({ source, kind }) => {
    const id = `${kind} ${source}`
    if (seen.has(id)) return false
    seen.add(id)
    return true
  })
}

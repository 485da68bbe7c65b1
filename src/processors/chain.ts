import { type ConfiguredProcessor, parametersOf } from "./configuration.ts"
import type {
  ChunkHints,
  ProcessingCount,
  ProcessorChain,
  ProcessorKind,
  ProcessorWorld,
  RecordFailure,
  WorkingRecord,
} from "./processor.ts"
import { processors } from "./processors.ts"

/** Opens what a stream is configured with, as it was checked and stored. None at all leaves records as they are. */
export function openChain(configured: readonly ConfiguredProcessor[], world: ProcessorWorld): ProcessorChain {
  const steps = inOrder(configured).map(({ kind, parameters }) => ({
    hints: kind.hints?.(parameters),
    processor: kind.open(parameters, world),
  }))
  return {
    hints: strictest(steps.map(({ hints }) => hints)),
    async process(chunk, signal) {
      let records: readonly WorkingRecord[] = chunk.sources.map(({ data }, source) => ({ source, data }))
      const failures: (readonly RecordFailure[])[] = []
      const counts: (readonly ProcessingCount[])[] = []
      for (const { processor } of steps) {
        signal.throwIfAborted()
        if (records.length === 0) break
        const processed = await processor.process(records, chunk, signal)
        records = processed.records
        failures.push(processed.failures)
        counts.push(processed.counts)
      }
      return { records, failures: failures.flat(), counts: counts.flat() }
    },
  }
}

/** The order of the table; of several of one type, the order in which they were given. */
function inOrder(configured: readonly ConfiguredProcessor[]) {
  return processors.flatMap((kind: ProcessorKind) =>
    configured.filter(({ Type }) => Type === kind.type).map((one) => ({ kind, parameters: parametersOf(one) })),
  )
}

function strictest(all: readonly (ChunkHints | undefined)[]): ChunkHints | undefined {
  const given = all.filter((hints) => hints !== undefined)
  if (given.length === 0) return undefined
  const of = (member: "sizeBytes" | "intervalMs" | "memoryBytes") =>
    given.map((hints) => hints[member]).filter((value) => value !== undefined)
  const [sizes, intervals, memories] = [of("sizeBytes"), of("intervalMs"), of("memoryBytes")]
  return {
    ...(sizes.length > 0 && { sizeBytes: Math.min(...sizes) }),
    ...(intervals.length > 0 && { intervalMs: Math.min(...intervals) }),
    ...(memories.length > 0 && { memoryBytes: Math.max(...memories) }),
    ...(given.some(({ waits }) => waits) && { waits: true as const }),
  }
}

import { AssertionError } from "node:assert"
import type { BatchOutput, Destination } from "../destinations/index.ts"
import type { Clock, Random } from "../platform/index.ts"
import type { Chunk } from "../processors/index.ts"
import type { StreamDefinition } from "../streams/index.ts"
import { outputId } from "./batch-output.ts"
import { errorRecord } from "./error-record.ts"
import { processChunk } from "./process-chunk.ts"
import type { SourceFailure } from "./source-failure.ts"
import { sourceId } from "./source-records.ts"

/** Records, and the stream that they might be put into: it need not exist. */
export interface PreviewRequest {
  readonly stream: PreviewedStream
  readonly records: readonly Uint8Array[]
}

export type PreviewedStream = Pick<StreamDefinition, "name" | "arn" | "version" | "destination">

export type PreviewOutcome =
  | {
      readonly kind: "previewed"
      /** One for each record, in their order. */
      readonly records: readonly PreviewedRecord[]
      /** Where the source records would be kept as well; undefined when they would not be. */
      readonly backup: string | undefined
    }
  /** Processing itself does not work now: a stream would try it again. */
  | { readonly kind: "failed"; readonly message: string }
  /** The signal came first. */
  | { readonly kind: "ended" }

export interface PreviewedRecord {
  /** None: it would be dropped. Several: of the parts that it was taken apart into, or that failed. */
  readonly outputs: readonly PreviewedOutput[]
}

export type PreviewedOutput =
  | {
      readonly kind: "delivered"
      readonly data: Uint8Array
      /** Where the object would be that it is in. Records of one buffer have the same. Random parts are an example. */
      readonly location: string
      /** The evaluated prefix, its random strings not drawn yet; undefined without dynamic partitioning. */
      readonly partition: string | undefined
    }
  | {
      readonly kind: "failed"
      readonly failure: SourceFailure
      /** The line of the error object. */
      readonly errorRecord: Uint8Array
      readonly location: string
    }

export interface PreviewParts {
  readonly clock: Clock
  readonly random: Random
  readonly destination: Destination
  readonly backup: Destination | undefined
}

/** Does to records what a stream would, up to where they would be stored. Functions are run; nothing is stored or counted. */
export async function previewRecords(
  { clock, random, destination, backup }: PreviewParts,
  { stream, records }: PreviewRequest,
  signal: AbortSignal,
): Promise<PreviewOutcome> {
  const arrivalMs = clock.now()
  // Of positions that no log ever has, so that a function can't take them for records that it saw.
  const first = Math.floor(random.fraction() * 2 ** 31) + 2 ** 52
  const sources = records.map((data, index) => ({ data, arrivalMs, id: sourceId(0, first + index) }))
  const chunk: Chunk = { sources, stream: { arn: stream.arn, region: stream.arn.split(":")[3] ?? "" } }
  const processing = destination.processing ?? { chain: undefined, partitionOf: undefined, conversion: undefined }
  try {
    const processed = await processChunk(processing, chunk, clock, signal)
    const locations = new Map<string, string>()
    const facts = { streamName: stream.name, streamVersion: stream.version, oldestArrivalMs: arrivalMs }
    const sizes = { recordCount: records.length, sizeBytes: records.reduce((sum, one) => sum + one.byteLength, 0) }
    const locate = (output: BatchOutput) => {
      const id = outputId(output)
      const decided = () => destination.decide({ ...facts, ...sizes, purpose: "delivery", output })
      const location = locations.get(id) ?? destination.locationOf(decided())
      locations.set(id, location)
      return location
    }
    const outputs = sources.map((): PreviewedOutput[] => [])
    for (const { source, data, output } of processed.records) {
      const partition = output.kind === "partition" ? output.partition.join(randomString) : undefined
      outputs[source]?.push({ kind: "delivered", data, location: locate(output), partition })
    }
    for (const failure of processed.failures) {
      const from = sources[failure.source]
      if (from === undefined) throw new Error("A record failed that is none")
      const location = locate({ kind: "failed", type: failure.kind })
      outputs[failure.source]?.push({ kind: "failed", failure, errorRecord: errorRecord(failure, from), location })
    }
    const copied = backup?.decide({ ...facts, ...sizes, purpose: "backup", output: { kind: "data" } })
    return {
      kind: "previewed",
      records: outputs.map((one) => ({ outputs: one })),
      backup: copied && backup?.locationOf(copied),
    }
  } catch (error) {
    if (signal.aborted) return { kind: "ended" }
    if (error instanceof AssertionError || !(error instanceof Error)) throw error
    return { kind: "failed", message: error.message }
  }
}

const randomString = "!{firehose:random-string}"

import { isUtf8 } from "node:buffer"
import { forbiddenWord, type JqOutcome, numberText, queryKeys } from "./jq/index.ts"
import { endOfJsonValue, skipSpace } from "./json-text.ts"
import { needsPartitioning } from "./needs-partitioning.ts"
import { Pauses } from "./pauses.ts"
import type { PartitionKeys, ProcessedStream, ProcessorKind, RecordFailure, WorkingRecord } from "./processor.ts"

/** How deep arrays and objects of a record may be in each other: as deep as jq 1.6 takes arrays. */
const depthMax = 256

/** Keys that name partitions: spec/processing.md, section 4. */
const keysMax = 50

/** Finds what names a record's partition, by a jq program: spec/processing.md, section 4. */
export const metadataExtraction: ProcessorKind = {
  type: "MetadataExtraction",
  parameterNames: ["MetadataExtractionQuery", "JsonParsingEngine"],
  check(parameters, stream) {
    if (parameters.get("JsonParsingEngine") !== "JQ-1.6") {
      return "MetaDataExtraction JSON Parsing Engine has to be one of JQ-1.6"
    }
    return (
      needsPartitioning("MetadataExtractionProcessor", stream) ??
      checkQuery(parameters.get("MetadataExtractionQuery"), stream)
    )
  },
  withDefaults: (parameters) => parameters,
  open(parameters, { clock, jq, logger }) {
    const query = parameters.get("MetadataExtractionQuery") ?? ""
    let isBrokenTold = false
    return {
      async process(records, chunk, signal) {
        const found: WorkingRecord[] = []
        const failures: RecordFailure[] = []
        const fail = ({ source }: WorkingRecord, message: string) =>
          failures.push({
            source,
            kind: "metadata-extraction-failed",
            code: "DynamicPartitioning.MetadataExtractionFailed",
            message,
            attemptsMade: 1,
            attemptEndedMs: clock.now(),
          })

        const pauses = new Pauses()
        const readable: WorkingRecord[] = []
        const inputs: string[] = []
        for (const record of records) {
          if (pauses.areDue(record.data.length)) await pauses.take()
          const text = jsonText(record.data)
          if (text === undefined) fail(record, "Non JSON record provided")
          else {
            readable.push(record)
            inputs.push(text)
          }
        }
        if (inputs.length === 0) return { records: found, failures, counts: [] }

        const startMs = clock.elapsed()
        const run = await jq.run(query, inputs, signal)
        const durationMs = clock.elapsed() - startMs
        if (run.kind === "broken" && !isBrokenTold) {
          isBrokenTold = true
          logger.warn(
            { streamArn: chunk.stream.arn, query, reason: run.message },
            "A stream's MetadataExtractionQuery does not compile: all of its records go to the error output until it is changed",
          )
        }
        for (const [index, record] of readable.entries()) {
          const read =
            run.kind === "broken"
              ? { message: `MetadataExtractionQuery does not compile: ${run.message}` }
              : readKeys(run.outcomes[index])
          if ("message" in read) fail(record, read.message)
          else found.push({ ...record, keys: { ...record.keys, query: { ...record.keys?.query, ...read.keys } } })
        }
        return { records: found, failures, counts: [{ name: "JQProcessing.Duration", amount: durationMs }] }
      },
    }
  },
}

/** Whether a query compiles is not asked, as the service does not: only its records tell. */
function checkQuery(query: string | undefined, { prefixQueryKeys }: ProcessedStream): string | undefined {
  if (query === undefined) return "MetadataExtractionQuery is required when MetadataExtraction processor is used."
  const forbidden = forbiddenWord(query)
  if (forbidden !== undefined) return `MetadataExtractionQuery can't use "${forbidden}": it is run on one record alone`
  const keys = queryKeys(query) ?? []
  if (keys.some((key) => !prefixQueryKeys.has(key))) {
    return "MetaDataExtraction JQ Query can't contain keys that are not present in the S3 Prefix expression"
  }
  if (keys.length > keysMax) return `MetadataExtractionQuery can't contain more than ${keysMax} keys`
  return undefined
}

/** The record's text when it is exactly one JSON value. */
function jsonText(data: Uint8Array): string | undefined {
  if (!isUtf8(data)) return undefined
  const end = endOfJsonValue(data, 0, depthMax)
  if (end === -1 || skipSpace(data, end) !== data.length) return undefined
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()
}

function readKeys(
  outcome: JqOutcome | undefined,
): { readonly keys: PartitionKeys["query"] } | { readonly message: string } {
  if (outcome === undefined) throw new Error("jq gave fewer answers than it was asked for")
  if (outcome.kind === "failed") return { message: outcome.message }
  const values: unknown = JSON.parse(outcome.json)
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    return { message: "MetadataExtractionQuery must give an object" }
  }
  const texts = Object.entries(values).map(([key, value]) => [key, textOf(value)] as const)
  if (texts.some(([, text]) => text === "")) return { message: "partitionKeys values must not be null or empty" }
  return { keys: Object.fromEntries(texts) }
}

/** A value as it is in a prefix; null as no text. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value
  if (typeof value === "number") return numberText(value)
  return value === null ? "" : JSON.stringify(value)
}

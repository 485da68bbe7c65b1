import { isUtf8 } from "node:buffer"
import type { JqOutcome } from "./jq/index.ts"
import { endOfJsonValue, skipSpace } from "./json-text.ts"
import { needsPartitioning } from "./needs-partitioning.ts"
import { Pauses } from "./pauses.ts"
import type { PartitionKeys, ProcessorKind, RecordFailure, WorkingRecord } from "./processor.ts"

/** Finds what names a record's partition, by a jq program: spec/processing.md, section 4. */
export const metadataExtraction: ProcessorKind = {
  type: "MetadataExtraction",
  check(parameters, stream) {
    if (parameters.get("JsonParsingEngine") !== "JQ-1.6") {
      return "MetaDataExtraction JSON Parsing Engine has to be one of JQ-1.6"
    }
    return needsPartitioning("MetadataExtractionProcessor", stream)
  },
  withDefaults: (parameters) => parameters,
  open(parameters, { clock, jq, logger }) {
    const query = parameters.get("MetadataExtractionQuery") ?? ""
    const program = textsOf(query)
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
        const run = await jq.run(program, inputs, signal)
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

/**
 * Each value as the text that it is in a prefix; null as no text. Adding zero makes a number what jq 1.6 took it for, and prints it so: later
 * ones keep integers of any length as they were written.
 */
function textsOf(query: string): string {
  return `(${query}
) | if type != "object" then error("MetadataExtractionQuery must give an object, not \\(type)")
  else map_values(if . == null then "" elif type == "number" then . + 0 | tostring else tostring end) end`
}

/** The record's text when it is exactly one JSON value. */
function jsonText(data: Uint8Array): string | undefined {
  if (!isUtf8(data)) return undefined
  const end = endOfJsonValue(data, 0)
  if (end === -1 || skipSpace(data, end) !== data.length) return undefined
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()
}

function readKeys(
  outcome: JqOutcome | undefined,
): { readonly keys: PartitionKeys["query"] } | { readonly message: string } {
  if (outcome === undefined) throw new Error("jq gave fewer answers than it was asked for")
  if (outcome.kind === "failed") return { message: outcome.message }
  const keys: Readonly<Record<string, string>> = JSON.parse(outcome.json)
  if (Object.values(keys).includes("")) return { message: "partitionKeys values must not be null or empty" }
  return { keys }
}

import { isUtf8 } from "node:buffer"
import {
  forbiddenWord,
  type JqOutcome,
  type JqRun,
  numberText,
  type PlainQuery,
  plainQuery,
  queryKeys,
} from "./jq/index.ts"
import { endOfJsonValue, skipSpace } from "./json-text.ts"
import { needsPartitioning } from "./needs-partitioning.ts"
import { Pauses } from "./pauses.ts"
import type { ProcessedStream, ProcessorKind, RecordFailure, WorkingRecord } from "./processor.ts"

/** How deep arrays and objects of a record may be in each other: as deep as jq 1.6 takes arrays. */
const depthMax = 256

/** What looking at a small record takes beside its bytes, told as bytes. */
const overheadBytes = 256

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
    const plain = plainQuery(query)
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

        const startMs = clock.elapsed()
        const pauses = new Pauses()
        const readable: { readonly record: WorkingRecord; readonly known: ReadKeys | undefined }[] = []
        const inputs: string[] = []
        for (const record of records) {
          if (pauses.areDue(record.data.length + overheadBytes)) await pauses.take()
          const text = jsonText(record.data)
          if (text === undefined) {
            fail(record, "Non JSON record provided")
            continue
          }
          const known = plain === undefined ? undefined : knownKeys(plain(text))
          readable.push({ record, known })
          if (known === undefined) inputs.push(text)
        }
        signal.throwIfAborted()
        if (readable.length === 0) return { records: found, failures, counts: [] }

        const run = inputs.length === 0 ? nothingAsked : await jq.run(query, inputs, signal)
        const durationMs = clock.elapsed() - startMs
        if (run.kind === "broken" && !isBrokenTold) {
          isBrokenTold = true
          logger.warn(
            { streamArn: chunk.stream.arn, query, reason: run.message },
            "A stream's MetadataExtractionQuery does not compile: all of its records go to the error output until it is changed",
          )
        }
        let askedCount = 0
        for (const { record, known } of readable) {
          const read = known ?? answeredKeys(run, askedCount++)
          if ("message" in read) fail(record, read.message)
          else found.push(withKeys(record, read.keys))
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
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()
  return surrogateEscape.test(text) && hasLoneSurrogate(text) ? undefined : text
}

const surrogateEscape = /\\u[dD][89a-fA-F]/

/** Half of a character is no text: jq can't read it, and would end what it reads beside it. */
function hasLoneSurrogate(json: string): boolean {
  const written = JSON.stringify(JSON.parse(json))
  // What is written as an escape is none that has its other half; a backslash that is text is written twice.
  return /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(written)
}

type ReadKeys = { readonly keys: Readonly<Record<string, string>> } | { readonly message: string }

const nothingAsked: JqRun = { kind: "ran", outcomes: [] }
const emptyValue: ReadKeys = { message: "partitionKeys values must not be null or empty" }

/** Most have none before: then nothing is copied. */
function withKeys({ source, data, keys }: WorkingRecord, query: Readonly<Record<string, string>>): WorkingRecord {
  if (keys === undefined) return { source, data, keys: { query } }
  return { source, data, keys: { ...keys, query: { ...keys.query, ...query } } }
}

/** What is known without jq. */
function knownKeys(answer: ReturnType<PlainQuery>): ReadKeys | undefined {
  if (answer === "ask") return undefined
  return answer === "empty" ? emptyValue : { keys: answer }
}

/** What jq says of the record that it was asked of at `index`. */
function answeredKeys(run: JqRun, index: number): ReadKeys {
  if (run.kind === "broken") return { message: `MetadataExtractionQuery does not compile: ${run.message}` }
  const outcome = run.outcomes[index]
  if (outcome === undefined) throw new Error("jq gave fewer answers than it was asked for")
  return readKeys(outcome)
}

function readKeys(outcome: JqOutcome): ReadKeys {
  if (outcome.kind === "failed") return { message: outcome.message }
  const values: unknown = JSON.parse(outcome.json)
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    return { message: "MetadataExtractionQuery must give an object" }
  }
  const texts = Object.entries(values).map(([key, value]) => [key, textOf(value)] as const)
  if (texts.some(([, text]) => text === "")) return emptyValue
  return { keys: Object.fromEntries(texts) }
}

/** A value as it is in a prefix; null as no text. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value
  if (typeof value === "number") return numberText(value)
  return value === null ? "" : JSON.stringify(value)
}

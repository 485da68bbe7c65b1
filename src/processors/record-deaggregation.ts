import { isUtf8 } from "node:buffer"
import { decodeBase64 } from "../shapes/index.ts"
import { beginsObject, endOfJsonValue, skipSpace } from "./json-text.ts"
import { needsPartitioning } from "./needs-partitioning.ts"
import { Pauses } from "./pauses.ts"
import type { Parameters, ProcessorKind, WorkingRecord } from "./processor.ts"

/** Records that a record may hold. One with more goes on whole: spec/processing.md, section 5. */
const partsMax = 500

/** Makes a record of each part of a record: of each JSON object in a run of them, or of each text between delimiters. */
export const recordDeaggregation: ProcessorKind = {
  type: "RecordDeAggregation",
  parameterNames: ["SubRecordType", "Delimiter"],
  check(parameters, stream) {
    const type = parameters.get("SubRecordType")
    if (type !== "JSON" && type !== "DELIMITED") return "SubRecordType has to be one of JSON, DELIMITED"
    const delimiter = parameters.get("Delimiter")
    if (type === "DELIMITED" && delimiter === undefined) return "Delimiter should be present for DELIMITED"
    if (delimiter !== undefined && decodeDelimiter(delimiter) === undefined) {
      return "Delimiter for RecordDeAggregation must be base64"
    }
    return needsPartitioning("RecordDeAggregationProcessor", stream)
  },
  // Each of 500 parts takes more than its bytes.
  hints: () => ({ sizeBytes: 512 * 1024, memoryBytes: 64 * 1024 * 1024 }),
  withDefaults: (parameters) => parameters,
  open(parameters, { extensions }) {
    const split = splitter(parameters, extensions.oneToMany ? Number.POSITIVE_INFINITY : partsMax)
    return {
      async process(records) {
        const pauses = new Pauses()
        const parts: WorkingRecord[] = []
        for (const record of records) {
          if (pauses.areDue(record.data.length)) await pauses.take()
          const pieces = split(record.data)
          if (pieces === undefined) parts.push(record)
          else for (const data of pieces) parts.push({ ...record, data })
        }
        return { records: parts, failures: [], counts: [] }
      },
    }
  },
}

type Split = (data: Uint8Array) => readonly Uint8Array[] | undefined

function splitter(parameters: Parameters, countMax: number): Split {
  if (parameters.get("SubRecordType") === "JSON") return (data) => splitJsonObjects(data, countMax)
  const delimiter = decodeDelimiter(parameters.get("Delimiter") ?? "")
  if (delimiter === undefined) throw new Error("RecordDeAggregation was stored without a delimiter")
  return (data) => splitDelimited(data, delimiter, countMax)
}

function decodeDelimiter(text: string): Uint8Array | undefined {
  const bytes = decodeBase64(text)
  return bytes === undefined || bytes.length === 0 ? undefined : bytes
}

/**
 * The objects of a run of JSON objects, with nothing but space between them. Undefined when it is anything else, or holds
 * more than `countMax`.
 */
export function splitJsonObjects(data: Uint8Array, countMax: number): readonly Uint8Array[] | undefined {
  if (!isUtf8(data)) return undefined
  const pieces: Uint8Array[] = []
  let at = skipSpace(data, 0)
  while (at < data.length) {
    if (pieces.length === countMax || !beginsObject(data, at)) return undefined
    const end = endOfJsonValue(data, at)
    if (end === -1) return undefined
    pieces.push(data.subarray(at, end))
    at = skipSpace(data, end)
  }
  return pieces.length === 0 ? undefined : pieces
}

/** What is between delimiters, but for empty pieces. Undefined when there is nothing else, or more than `countMax`. */
export function splitDelimited(
  data: Uint8Array,
  delimiter: Uint8Array,
  countMax: number,
): readonly Uint8Array[] | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const pieces: Uint8Array[] = []
  for (let start = 0; start <= bytes.length; ) {
    const found = bytes.indexOf(delimiter, start)
    const end = found === -1 ? bytes.length : found
    if (end > start) {
      if (pieces.length === countMax) return undefined
      pieces.push(data.subarray(start, end))
    }
    start = end + delimiter.length
  }
  return pieces.length === 0 ? undefined : pieces
}

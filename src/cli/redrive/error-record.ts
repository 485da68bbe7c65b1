import { decodeBase64 } from "../../shapes/index.ts"
import { recordBytesMax } from "../records/index.ts"

/**
 * What `!{firehose:error-output-type}` stands for in the keys of error objects, of all destinations (spec/s3.md, section 3),
 * with the spellings of older streams.
 */
export const errorTypes = [
  "processing-failed",
  "metadata-extraction-failed",
  "activePartitionExceeded",
  "decompression-failed",
  "format-conversion-failed",
  "AmazonOpenSearchService-failed",
  "AmazonOpenSearchService_failed",
  "elasticsearch-failed",
  "splunk-failed",
  "http-endpoint-failed",
  "snowflake-failed",
  "iceberg-failed",
] as const

/** A type of the table, or what stands for none. */
export type ErrorType = (typeof errorTypes)[number] | "unknown"

/** The error output type that a key names, wherever its stream's ErrorOutputPrefix put it. */
export function errorTypeOf(key: string): ErrorType {
  return errorTypes.find((type) => key.includes(type)) ?? "unknown"
}

/** Redshift's are not records but lists of objects (spec/s3.md, section 7). */
export function isManifest(location: string): boolean {
  return location.includes("errors/manifests/")
}

/** A line of an error object, as far as it matters here. */
export type ErrorLine =
  | {
      readonly kind: "record"
      /** The source record, byte for byte. */
      readonly data: Buffer
      /** `errorCode`, or `lastErrorCode` of failed format conversions; "none" when it has neither. */
      readonly errorCode: string
      /** When the last attempt ended, or, where that is not told, when the record arrived; undefined when neither is. */
      readonly timeMs: number | undefined
    }
  | { readonly kind: "problem"; readonly problem: string }

/** Reads a line of any destination's error objects (spec/s3.md, section 7): members in any order, those that are not needed too. */
export function readErrorLine(text: string): ErrorLine {
  const members = parseObject(text)
  if (members === undefined) return problem("it is not a JSON object")
  const { rawData } = members
  if (rawData === undefined && listsObjects(members)) return problem(manifestProblem)
  if (rawData === undefined) return problem("it has no rawData: it is not an error record")
  const data = typeof rawData === "string" ? decodeBase64(rawData) : undefined
  if (data === undefined) return problem("its rawData is not base64")
  if (data.byteLength > recordBytesMax) {
    return problem(`its record has ${data.byteLength} bytes, and a put takes ${recordBytesMax} at most`)
  }
  const code = members["errorCode"] ?? members["lastErrorCode"]
  const time = members["attemptEndingTimestamp"] ?? members["arrivalTimestamp"]
  return {
    kind: "record",
    data,
    errorCode: typeof code === "string" || typeof code === "number" ? String(code) : "none",
    timeMs: typeof time === "number" && Number.isFinite(time) ? time : undefined,
  }
}

export const manifestProblem =
  "it is a Redshift manifest: it lists objects that COPY skipped, and holds no records. Load it with COPY ... MANIFEST"

type Members = Readonly<Record<string, unknown>>

function problem(text: string): ErrorLine {
  return { kind: "problem", problem: text }
}

function parseObject(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    // The one way in which JSON.parse fails: the text is not JSON.
    return undefined
  }
}

function listsObjects({ entries }: Members): boolean {
  return (
    Array.isArray(entries) && entries.every((entry) => typeof entry === "object" && entry !== null && "url" in entry)
  )
}

import { decodeBase64 } from "../../shapes/index.ts"

/** What a function answered for one record. */
export type RecordAnswer =
  /** What becomes of it: one record, or several where that is allowed. */
  { readonly kind: "ok"; readonly parts: readonly AnsweredPart[] } | { readonly kind: "dropped" } | FailedAnswer

export interface AnsweredPart {
  readonly data: Uint8Array
  /** `metadata.partitionKeys`; absent when there are none. */
  readonly keys?: Readonly<Record<string, string>>
}

export interface FailedAnswer {
  readonly kind: "failed"
  readonly code: string
  readonly message: string
}

/** What is wrong with the answer for one record. */
export const answerFailures = {
  unreadable: failure(
    "Lambda.JsonProcessingException",
    "There was an error parsing returned records from the Lambda function. Ensure that it returns JSON.",
  ),
  missing: failure(
    "Lambda.MissingRecordId",
    "One or more record Ids were not returned. Ensure that the Lambda function returns all received record Ids.",
  ),
  duplicated: failure(
    "Lambda.DuplicatedRecordId",
    "Multiple records were returned with the same record Id. Ensure that the Lambda function returns a unique record Id for each record.",
  ),
  processingFailed: failure("Lambda.ProcessingFailedStatus", "ProcessingFailed status set for record"),
  unknownResult: failure(
    "Lambda.FunctionError",
    "The Lambda function returned a record whose result is none of Ok, Dropped and ProcessingFailed.",
  ),
  noData: failure(
    "Lambda.InvalidReturnFormat",
    "The data field cannot be null when the SourceType is DirectPut or KinesisStreamAsSource and processing result is Ok. The value field cannot be null when the SourceType is MSKAsSource and processing result is Ok.",
  ),
  noBase64: failure(
    "Lambda.JsonMappingException",
    "There was an error parsing returned records from the Lambda function. Ensure that data field is base-64 encoded.",
  ),
  noKeys: failure(
    "Lambda.JsonMappingException",
    "There was an error parsing returned records from the Lambda function. Ensure that metadata.partitionKeys is an object whose values are texts.",
  ),
} as const

/**
 * What a function answered for each of `recordIds`, in their order: spec/processing.md, section 3, Outcomes. Whatever the
 * payload is, each has exactly one answer. `oneToMany`: an id that is returned several times stands for several records.
 */
export function readAnswer(
  payload: Uint8Array,
  recordIds: readonly string[],
  { oneToMany }: { readonly oneToMany: boolean },
): readonly RecordAnswer[] {
  const returned = readRecords(payload)
  if (returned === undefined) return recordIds.map(() => answerFailures.unreadable)
  const byId = new Map<string, unknown[]>(recordIds.map((id) => [id, []]))
  for (const record of returned) {
    const id = memberOf(record, "recordId")
    // What was not asked for is of no interest.
    if (typeof id === "string") byId.get(id)?.push(record)
  }
  return recordIds.map((id) => {
    const [first, ...others] = byId.get(id) ?? []
    if (first === undefined) return answerFailures.missing
    if (others.length === 0) return answerOf(first)
    return oneToMany ? allOf([first, ...others].map(answerOf)) : answerFailures.duplicated
  })
}

/** The returned records; none when there is no array of them; undefined when the payload is no JSON. */
function readRecords(payload: Uint8Array): readonly unknown[] | undefined {
  try {
    const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString()
    const records = memberOf(JSON.parse(text), "records")
    return Array.isArray(records) ? records : []
  } catch {
    return undefined
  }
}

function answerOf(returned: unknown): RecordAnswer {
  switch (memberOf(returned, "result")) {
    case "Ok":
      return okOf(returned)
    case "Dropped":
      return { kind: "dropped" }
    case "ProcessingFailed":
      return answerFailures.processingFailed
    default:
      return answerFailures.unknownResult
  }
}

function okOf(returned: unknown): RecordAnswer {
  const base64 = memberOf(returned, "data")
  if (base64 === undefined || base64 === null) return answerFailures.noData
  const data = typeof base64 === "string" ? decodeBase64(inOneLine(base64)) : undefined
  if (data === undefined) return answerFailures.noBase64
  const partitionKeys = memberOf(memberOf(returned, "metadata"), "partitionKeys")
  if (partitionKeys === undefined || partitionKeys === null) return { kind: "ok", parts: [{ data }] }
  const keys = keysOf(partitionKeys)
  return keys === undefined ? answerFailures.noKeys : { kind: "ok", parts: [{ data, keys }] }
}

/** Encoders of some languages break lines, and Firehose's reader skips that. */
function inOneLine(base64: string): string {
  return base64.includes("\n") ? base64.replace(/[\r\n]+/g, "") : base64
}

/** As texts. A value that is null or empty is left out: a prefix that needs it then says that it is missing. */
function keysOf(partitionKeys: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof partitionKeys !== "object" || partitionKeys === null || Array.isArray(partitionKeys)) return undefined
  const entries = Object.entries(partitionKeys).filter(([, value]) => value !== null && value !== "")
  if (entries.some(([, value]) => typeof value === "object")) return undefined
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

/** Several answers for one record: all of it goes on, or none of it, so that what is put again is not there twice. */
function allOf(answers: readonly RecordAnswer[]): RecordAnswer {
  const failed = answers.find(({ kind }) => kind === "failed")
  if (failed !== undefined) return failed
  const parts = answers.flatMap((answer) => (answer.kind === "ok" ? answer.parts : []))
  return parts.length === 0 ? { kind: "dropped" } : { kind: "ok", parts }
}

function memberOf(
  value: unknown,
  name: "records" | "recordId" | "result" | "data" | "metadata" | "partitionKeys",
): unknown {
  return isObject(value) ? value[name] : undefined
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null
}

function failure(code: string, message: string): FailedAnswer {
  return { kind: "failed", code, message }
}

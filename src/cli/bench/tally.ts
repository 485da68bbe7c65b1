import { errorKind, parseJson } from "./answer-body.ts"
import type { HttpAnswer } from "./http-connection.ts"
import { Latencies } from "./latencies.ts"
import type { PutOperation } from "./signed-puts.ts"

/** How often something went wrong: in how many requests, and how many records were not stored for it. */
export interface Refusals {
  requestCount: number
  recordCount: number
}

/** Different errors that are told apart; whatever comes beyond them is one. */
const kindsMax = 50
const otherErrors = "other errors"

const noFailure = Buffer.from('"FailedPutCount":0')
/** Where it is looked for: it comes before the answers of the records. */
const noFailureWithin = 64

/** What became of the requests of a load, over all of it or for a while. */
export class Tally {
  readonly #operation: PutOperation
  readonly #recordsPerRequest: number
  /** How long requests took that stored what they put, or a part of it. */
  readonly latencies = new Latencies()
  /** By what the server, or the connection, said. */
  readonly refusals = new Map<string, Refusals>()
  requestCount = 0
  storedRecords = 0
  refusedRecords = 0

  constructor(operation: PutOperation, recordsPerRequest: number) {
    this.#operation = operation
    this.#recordsPerRequest = recordsPerRequest
  }

  /** A request was answered, whichever way. */
  answered(answer: HttpAnswer, latencyMs: number): void {
    this.requestCount++
    const refused = this.#refusedBy(answer)
    const refusedCount = [...refused.values()].reduce((sum, count) => sum + count, 0)
    for (const [kind, count] of refused) this.#refuse(kind, count)
    this.storedRecords += this.#recordsPerRequest - refusedCount
    if (refusedCount < this.#recordsPerRequest) this.latencies.add(latencyMs)
  }

  /** A request was not answered: its records may be stored or not. */
  failed(error: unknown): void {
    this.requestCount++
    this.#refuse(error instanceof Error ? error.message : String(error), this.#recordsPerRequest)
  }

  /** How many of a request's records were refused, by why. */
  #refusedBy({ status, body }: HttpAnswer): ReadonlyMap<string, number> {
    if (status !== 200) return new Map([[errorKind(status, body), this.#recordsPerRequest]])
    if (this.#operation === "put-record" || body.subarray(0, noFailureWithin).includes(noFailure)) return new Map()
    return refusedInBatch(body) ?? new Map([["HTTP 200: not an answer to PutRecordBatch", this.#recordsPerRequest]])
  }

  #refuse(kind: string, recordCount: number) {
    const known = this.refusals.has(kind) || this.refusals.size < kindsMax ? kind : otherErrors
    const refusals = this.refusals.get(known) ?? { requestCount: 0, recordCount: 0 }
    refusals.requestCount++
    refusals.recordCount += recordCount
    this.refusals.set(known, refusals)
    this.refusedRecords += recordCount
  }
}

/** Of an answer to PutRecordBatch, as far as it is looked at. */
interface BatchAnswer {
  readonly RequestResponses: readonly { readonly ErrorCode?: string; readonly ErrorMessage?: string }[]
}

/** How many of a batch's records were refused, by why; undefined when it is no answer to a batch. */
function refusedInBatch(body: Buffer): ReadonlyMap<string, number> | undefined {
  const answer = parseJson(body)
  if (!isBatchAnswer(answer)) return undefined
  const counts = new Map<string, number>()
  for (const { ErrorCode, ErrorMessage } of answer.RequestResponses) {
    if (ErrorCode === undefined) continue
    const kind = `${ErrorCode}: ${ErrorMessage ?? ""} (part of a batch)`
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

function isBatchAnswer(answer: unknown): answer is BatchAnswer {
  return (
    typeof answer === "object" &&
    answer !== null &&
    "RequestResponses" in answer &&
    Array.isArray(answer.RequestResponses) &&
    answer.RequestResponses.every((one) => typeof one === "object" && one !== null)
  )
}

/**
 * Answers as they go out: spec/api.md, sections 1.2 and 1.3.
 *
 *     HTTP/1.1 200
 *     x-amzn-RequestId: a UUID                      on every answer
 *     x-amz-id-2: 72 random bytes, base64           on every answer
 *     x-amzn-ErrorType: NAME                        on errors: JS v3 takes the name from it when the body has a `code`
 *     Content-Type: application/x-amz-json-1.1      on JSON
 *     Date, Content-Length
 */
import type { IncomingHttpHeaders, ServerResponse } from "node:http"
import type { ApiError, ErrorType } from "./errors.ts"

export interface Answer {
  readonly status: number
  readonly body: string
  readonly errorType?: ErrorType
  /** Name, value, name, value, ... */
  readonly headers: readonly string[]
}

const json = ["Content-Type", "application/x-amz-json-1.1"]

/** `body` is compact JSON: Fluent Bit looks for the bytes `"FailedPutCount":0`. */
export function success(body: string): Answer {
  return { status: 200, body, headers: json }
}

export function failure(error: ApiError): Answer {
  return { status: error.status, body: error.body, errorType: error.type, headers: json }
}

/** To requests that are not AWS JSON: spec/api.md, section 1.4. */
export const notAuthorized: Answer = {
  status: 403,
  body:
    "<AccessDeniedException>\n" +
    "  <Message>Unable to determine service/operation name to be authorized</Message>\n" +
    "</AccessDeniedException>\n",
  headers: [],
}

/** To a request that has a target, and a body in another format than AWS JSON 1.1. */
export const unknownFormat: Answer = { status: 404, body: "<UnknownOperationException/>\n", headers: [] }

/** The connection is closed: what the client may still send is not read. */
export const tooLarge: Answer = { status: 413, body: "", headers: ["Connection", "close"] }

/** To a browser that asks whether a page from another origin may call: every page may, with its own credentials. */
export function preflight(headers: IncomingHttpHeaders): Answer {
  const wantedHeaders = headers["access-control-request-headers"]
  const wantedMethod = headers["access-control-request-method"]
  return {
    status: 200,
    body: "",
    headers: [
      ...(wantedHeaders === undefined ? [] : ["Access-Control-Allow-Headers", wantedHeaders]),
      ...(wantedMethod === undefined ? [] : ["Access-Control-Allow-Methods", wantedMethod]),
      "Access-Control-Max-Age",
      "172800",
    ],
  }
}

/** For pages of browsers, which may read no other header of an answer. */
const forPages = [
  "Access-Control-Allow-Origin",
  "*",
  "Access-Control-Expose-Headers",
  "x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date",
]

export interface AnswerFacts {
  readonly requestId: string
  /** 72 random bytes in base64. */
  readonly extendedId: string
  /** Of the answer's body. */
  readonly bodyBytes: number
  /** Whether the request had an Origin header, as only browsers send. */
  readonly crossOrigin: boolean
}

/**
 * The headers of an answer: name, value, name, value, ... in the order in which they go out; those that every server of HTTP
 * adds come after them.
 */
export function answerHeaders(
  answer: Answer,
  { requestId, extendedId, bodyBytes, crossOrigin }: AnswerFacts,
): string[] {
  const headers = ["x-amzn-RequestId", requestId, "x-amz-id-2", extendedId]
  if (answer.errorType !== undefined) headers.push("x-amzn-ErrorType", answer.errorType)
  headers.push(...answer.headers)
  if (crossOrigin) headers.push(...forPages)
  headers.push("Content-Length", String(bodyBytes))
  return headers
}

/** Sends an answer. Node adds Date and Connection. When the client has gone away meanwhile, nothing happens. */
export function send(response: ServerResponse, answer: Answer, facts: Omit<AnswerFacts, "bodyBytes">): void {
  response.writeHead(answer.status, answerHeaders(answer, { ...facts, bodyBytes: Buffer.byteLength(answer.body) }))
  response.end(answer.body)
}

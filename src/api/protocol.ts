/**
 * The AWS JSON 1.1 protocol, from a request to its answer: spec/api.md, section 1. The order of the checks is part of it,
 * since a client can see which of several mistakes is told: size, method, content type, JSON, target, signature, types of
 * members, their limits, and then the operation's own rules.
 */
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from "node:http"
import type { Random } from "../platform/index.ts"
import type { JsonObject } from "../shapes/index.ts"
import { type Answer, failure, notAuthorized, preflight, send, success, tooLarge, unknownFormat } from "./answer.ts"
import { type ReceivedBody, receiveBody } from "./body.ts"
import type { ByteBudget } from "./byte-budget.ts"
import { CallRate } from "./call-rate.ts"
import { ApiError, internalFailure, notJson, rateExceeded, serviceUnavailable, unknownOperation } from "./errors.ts"
import { ExtendedIds } from "./extended-ids.ts"
import type { Performed } from "./forwarding.ts"
import { KeptBuffers } from "./kept-buffers.ts"
import { type HandOver, Lane, type LaneLimits, type LaneRequest } from "./lane/index.ts"
import type { Context, Operation } from "./operation.ts"
import { parseObject } from "./parse-object.ts"
import { RefusalLog } from "./refusal-log.ts"
import type { Authenticate, AuthenticatePost, Authentication } from "./signing/index.ts"

/** What the API is made of. */
export interface ApiParts extends Omit<Context, "refusals"> {
  /** Every operation that is answered. */
  readonly operations: readonly Operation[]
  readonly authenticate: Authenticate
  /** The same, for what comes through the lane. */
  readonly authenticateQuickly: AuthenticatePost
  readonly random: Random
  /**
   * Whether pages of any origin may call from a browser. Only where requests must be signed: else any page that a
   * developer visits could use a server on their machine.
   */
  readonly openToPages: boolean
  /** How often each operation that puts no records may be called; undefined for as often as the machine can. */
  readonly callsPerSecondMax: number | undefined
  /** Of the bodies of all requests together. */
  readonly requestBudget: ByteBudget
}

/** The API, as servers are made of it. */
export interface Api {
  /** Answers the requests of a full server of HTTP. How long they may take to come in is for the server to bound. */
  readonly handler: RequestListener
  /** Makes the lane in front of that server, to which `handOver` gives connections. */
  lane(server: { readonly handOver: HandOver; readonly limits: LaneLimits }): Lane
  /** Performs an operation for another process, which has checked who asks for it. Never rejects. */
  perform(operation: string, body: Buffer): Promise<Performed>
}

/** A batch of 4 MiB takes up to 5.7 MB as JSON; what the sibling service allows leaves room for it. */
const bodyBytesMax = 7 * 1024 * 1024

/** Bodies of up to so many bytes are kept memory for: a batch of 500 records of 200 bytes has 140 kB. */
const keptBodyBytes = 256 * 1024
const keptBodiesMax = 64

const awsJson = "application/x-amz-json-1.1"
const targetPrefix = "Firehose_20150804."

interface Serving extends Omit<ApiParts, "operations"> {
  readonly context: Context
  /** By target. */
  readonly operations: ReadonlyMap<string, Operation>
  readonly callRate: CallRate
  readonly extendedIds: ExtendedIds
}

/** What a request says beside its body. */
type RequestHead = Pick<IncomingMessage, "method" | "url" | "headers" | "rawHeaders">

export function createApi(parts: ApiParts): Api {
  const serving: Serving = {
    ...parts,
    context: { ...parts, refusals: new RefusalLog(parts.clock, parts.logger) },
    operations: new Map(parts.operations.map((one) => [targetPrefix + one.name, one])),
    callRate: new CallRate(parts.callsPerSecondMax, parts.clock),
    extendedIds: new ExtendedIds(parts.random),
  }
  return {
    perform: (name, body) => performForOther(serving, name, body),
    handler: (request, response) => void serve(serving, request, response),
    lane: (server) =>
      new Lane({
        ...parts,
        ...server,
        extendedIds: serving.extendedIds,
        budget: parts.requestBudget,
        buffers: new KeptBuffers({ bufferBytes: keptBodyBytes, countMax: keptBodiesMax }),
        takes: (fields, bodyBytes) =>
          bodyBytes <= bodyBytesMax &&
          fields.get("content-type") === awsJson &&
          serving.operations.has(fields.get("x-amz-target") ?? ""),
        answer: (request) => answerInLane(serving, request),
        noRoom: () => noRoom(serving),
      }),
  }
}

/** Never rejects. */
async function serve(api: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = api.random.uuid()
  const body = await receiveBody(request, { bytesMax: bodyBytesMax, budget: api.requestBudget })
  try {
    if (body.kind === "cut-short") {
      api.logger.debug({ requestId }, "Dropped a request whose client went away before its end")
      return
    }
    const answer = await answerReceived(api, request, body, requestId)
    const crossOrigin = api.openToPages && request.headers.origin !== undefined
    send(response, answer, { requestId, extendedId: api.extendedIds.next(), crossOrigin })
  } catch (error) {
    api.logger.error({ requestId, err: error }, "Failed to answer a request")
    response.destroy()
  } finally {
    if (body.kind === "whole") api.requestBudget.giveBack(body.bytes.length)
  }
}

function answerReceived(
  api: Serving,
  request: RequestHead,
  body: Exclude<ReceivedBody, { kind: "cut-short" }>,
  requestId: string,
): Answer | Promise<Answer> {
  switch (body.kind) {
    case "whole":
      return answerTo(api, request, body.bytes, requestId)
    case "too-large":
      return tooLarge
    case "no-room":
      return noRoom(api)
  }
}

/** To a request that comes while others hold all the memory that requests may take. */
function noRoom({ context }: Serving): Answer {
  context.metrics.event("Hydrant.RequestsRefused")
  context.refusals.report(undefined, "Requests under way take all the memory of request-bytes-max")
  return failure(serviceUnavailable())
}

/** Never rejects. The lane has looked at all that is looked at before the body. */
function answerInLane(api: Serving, { requestId, fields, body }: LaneRequest): Promise<Answer> {
  const target = fields.get("x-amz-target") ?? ""
  return answerCall(api, { requestId, target, body, authenticate: () => api.authenticateQuickly({ fields, body }) })
}

/** Never rejects. */
async function answerTo(api: Serving, request: RequestHead, body: Buffer, requestId: string): Promise<Answer> {
  const { method = "", url = "", headers, rawHeaders } = request
  if (method === "OPTIONS" && headers.origin !== undefined && api.openToPages) return preflight(headers)
  // Also when a name that somebody made for it leads a page here: a browser tells where the page came from.
  if (method !== "POST" || (headers.origin !== undefined && !api.openToPages)) return notAuthorized
  const target = targetOf(headers)
  if (!isAwsJson(headers)) return target === "" ? notAuthorized : unknownFormat
  const authenticate = () => api.authenticate({ method, url, rawHeaders, body })
  return answerCall(api, { requestId, target, body, authenticate })
}

/** A request that is a POST of AWS JSON, whichever way it came. */
interface Call {
  readonly requestId: string
  readonly target: string
  readonly body: Buffer
  authenticate(): Authentication
}

/**
 * Never rejects. A put runs from here to the log's queue in one go, and its answer is made of the promise that the log gives:
 * at tens of thousands of puts a second an `async` function for each layer between would be a tenth of what they cost.
 */
function answerCall(api: Serving, call: Call): Promise<Answer> {
  const operation = api.operations.get(call.target)
  const startMs = api.clock.elapsed()
  const timed = (answer: Answer) => {
    if (operation?.latency !== undefined) api.metrics.latency(operation.latency, api.clock.elapsed() - startMs)
    return answer
  }
  const failed = (error: unknown) => timed(refusalOf(api, call, error))
  try {
    return perform(api, operation, call).then((text) => timed(success(text)), failed)
  } catch (error) {
    return Promise.resolve(failed(error))
  }
}

function refusalOf({ logger, operations }: Serving, { requestId, target }: Call, error: unknown): Answer {
  if (error instanceof ApiError) {
    // What is wrong with a put may be told with a part of a record, and is for its client alone.
    const message = operations.get(target)?.isPut ? "Refused a put" : error.message
    logger.debug({ requestId, target, type: error.type }, message)
    return failure(error)
  }
  logger.error({ requestId, target, err: error }, "An operation failed for a reason that is not its caller's")
  return failure(internalFailure())
}

/** @throws ApiError, or rejects with one */
function perform(api: Serving, operation: Operation | undefined, { body, authenticate }: Call): Promise<string> {
  if (operation === undefined && body.length === 0) throw unknownOperation()
  // What is read quickly is JSON of the operation's shape: only the signature is left to check.
  const quick = operation?.readQuickly?.(body)
  const members = quick === undefined ? parseObject(body) : {}
  if (members === undefined) throw notJson()
  if (operation === undefined) throw unknownOperation()
  const authentication = authenticate()
  if (authentication.kind === "refused") throw new ApiError(authentication.type, authentication.message)
  if (quick !== undefined) return quick(api.context)
  return runOperation(api, operation, members, body)
}

/** @throws ApiError */
function runOperation(api: Serving, operation: Operation, members: JsonObject, body: Buffer): Promise<string> {
  if (!operation.isPut && !api.callRate.admit(operation.name)) throw rateExceeded()
  return operation.run(api.context, members, body)
}

async function performForOther(api: Serving, name: string, body: Buffer): Promise<Performed> {
  const operation = api.operations.get(targetPrefix + name)
  try {
    if (operation === undefined) throw new Error(`There is no operation "${name}"`)
    // The other process has read it as an object.
    const members = parseObject(body) ?? {}
    return { kind: "answered", text: await runOperation(api, operation, members, body) }
  } catch (error) {
    if (!(error instanceof ApiError)) {
      api.logger.error({ operation: name, err: error }, "An operation failed for a reason that is not its caller's")
    }
    const { type, message, code } = error instanceof ApiError ? error : internalFailure()
    return { kind: "refused", type, message, code }
  }
}

function targetOf(headers: IncomingHttpHeaders): string {
  const target = headers["x-amz-target"]
  return typeof target === "string" ? target : ""
}

/** Whatever stands after the first semicolon, such as a character set, is ignored. */
function isAwsJson(headers: IncomingHttpHeaders): boolean {
  const [type = ""] = (headers["content-type"] ?? "").split(";", 1)
  return type.trim().toLowerCase() === awsJson
}

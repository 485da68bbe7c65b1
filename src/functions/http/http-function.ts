import http from "node:http"
import https from "node:https"
import type { Clock } from "../../platform/index.ts"
import { failed, tooLarge } from "../failures.ts"
import type { FunctionTarget } from "../function-target.ts"
import { answerBytesMax, type Invocation } from "../functions.ts"
import { linkedTo } from "../linked-abort.ts"
import { reportedError } from "../reported-error.ts"

export interface HttpFunctionOptions {
  readonly clock: Clock
  /** Until the whole answer is there. */
  readonly timeoutMs: number
}

/** Of an answer that is an error, so much is told. */
const toldBytesMax = 2048

/** A function behind a URL: the event is POSTed as JSON, and the answer's body is what the function returned. */
export class HttpFunction implements FunctionTarget {
  readonly #url: URL
  readonly #options: HttpFunctionOptions
  readonly #agent: http.Agent
  readonly #closed = new AbortController()

  constructor(url: string, options: HttpFunctionOptions) {
    this.#url = new URL(url)
    this.#options = options
    const agent = { keepAlive: true }
    this.#agent = this.#url.protocol === "https:" ? new https.Agent(agent) : new http.Agent(agent)
  }

  async invoke(_arn: string, payload: Uint8Array, signal: AbortSignal): Promise<Invocation> {
    const { clock, timeoutMs } = this.#options
    const ending = linkedTo(signal, this.#closed.signal)
    const over = new AbortController()
    let isLate = false
    const timing = clock.sleep(timeoutMs, over.signal).then(() => {
      isLate = !over.signal.aborted
      if (isLate) ending.abort()
    })
    try {
      return await this.#post(payload, ending.signal)
    } catch (error) {
      signal.throwIfAborted()
      if (isLate) {
        return failed("Lambda.FunctionRequestTimedOut", `${this.#shown} did not answer within ${timeoutMs} ms`)
      }
      const reason = error instanceof Error ? error.message || error.name : String(error)
      return failed("Lambda.TargetServerFailedToRespond", `${this.#shown}: ${reason}`)
    } finally {
      over.abort()
      ending.letGo()
      await timing
    }
  }

  async close() {
    this.#closed.abort()
    this.#agent.destroy()
  }

  /** As it may stand in a log: a query often holds a key. */
  get #shown(): string {
    return `${this.#url.origin}${this.#url.pathname}`
  }

  async #post(payload: Uint8Array, signal: AbortSignal): Promise<Invocation> {
    const answer = await this.#request(payload, signal)
    const status = answer.statusCode ?? 0
    const isReturned = status >= 200 && status < 300
    const body = await readBody(answer, isReturned ? answerBytesMax : toldBytesMax)
    if (!isReturned) return failureOf(status, `${this.#shown} answered ${status}: ${body.bytes}`)
    if (body.isCut) return tooLarge(`${this.#shown} answered more than ${answerBytesMax} bytes`)
    const reported = reportedError(body.bytes, answer.headers["x-amz-function-error"] !== undefined)
    return reported ?? { kind: "returned", payload: body.bytes }
  }

  #request(payload: Uint8Array, signal: AbortSignal): Promise<http.IncomingMessage> {
    const send = this.#url.protocol === "https:" ? https.request : http.request
    const headers = { "content-type": "application/json", "content-length": payload.byteLength }
    return new Promise((resolve, reject) => {
      const request = send(this.#url, { method: "POST", agent: this.#agent, headers, signal })
      request.once("response", resolve)
      // Also after the answer began: then its reader is told too.
      request.on("error", reject)
      request.end(payload)
    })
  }
}

function failureOf(status: number, detail: string): Invocation {
  switch (status) {
    case 413:
      return tooLarge(detail)
    case 429:
      return failed("Lambda.InvokeLimitExceeded", detail)
    default:
      return failed("Lambda.FunctionError", detail)
  }
}

/** Reads no more than it may: what comes beyond ends the connection. */
async function readBody(answer: http.IncomingMessage, bytesMax: number) {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of answer) {
    chunks.push(chunk)
    sizeBytes += chunk.length
    if (sizeBytes > bytesMax) return { bytes: Buffer.concat(chunks).subarray(0, bytesMax), isCut: true }
  }
  return { bytes: Buffer.concat(chunks), isCut: false }
}

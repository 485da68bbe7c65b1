import { STATUS_CODES } from "node:http"
import type { Random } from "../../platform/index.ts"
import { type Answer, answerHeaders } from "../answer.ts"

export interface LaneAnswerFacts {
  readonly requestId: string
  readonly random: Random
  /** Milliseconds since the epoch. */
  readonly nowMs: number
  /** For how long the connection is kept open for a next request; undefined when this answer is its last. */
  readonly keepAliveMs: number | undefined
}

/** An answer as it goes over a connection, with the headers that Node adds to those of the plain way, in Node's order. */
export function answerText(answer: Answer, { requestId, random, nowMs, keepAliveMs }: LaneAnswerFacts): string {
  let text = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n`
  const headers = answerHeaders(answer, { requestId, random, crossOrigin: false })
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`
  const connection =
    keepAliveMs === undefined ? "close" : `keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}`
  return `${text}Date: ${httpDate(nowMs)}\r\nConnection: ${connection}\r\n\r\n${answer.body}`
}
/** The encoding that a text is written with: as UTF-8 it would take three times as long, and most answers are ASCII. */
export function encodingOf({ body }: Answer): "latin1" | "utf8" {
  return Buffer.byteLength(body) === body.length ? "latin1" : "utf8"
}

/** What Node answers to a request that it can't read, or that does not come to its end in time; the connection ends then. */
export function refusalText(status: 400 | 408): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`
}

let dateSecond = 0
let dateText = ""

/** The date in HTTP's form: made once a second, since it takes longer than the rest of a head. */
function httpDate(nowMs: number): string {
  const second = Math.floor(nowMs / 1000)
  if (second !== dateSecond) {
    dateSecond = second
    dateText = new Date(second * 1000).toUTCString()
  }
  return dateText
}

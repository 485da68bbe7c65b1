import { STATUS_CODES } from "node:http"
import { type Answer, answerHeaders } from "../answer.ts"

export interface LaneAnswerFacts {
  readonly requestId: string
  readonly extendedId: string
  /** Milliseconds since the epoch. */
  readonly nowMs: number
  /** For how long the connection is kept open for a next request; undefined when this answer is its last. */
  readonly keepAliveMs: number | undefined
}

export interface AnswerText {
  readonly text: string
  /** What it is written with: as UTF-8 it would take three times as long, and most answers are ASCII. */
  readonly encoding: "latin1" | "utf8"
}

/** An answer as it goes over a connection, with the headers that Node adds to those of the plain way, in Node's order. */
export function answerText(answer: Answer, { requestId, extendedId, nowMs, keepAliveMs }: LaneAnswerFacts): AnswerText {
  const { status, body } = answer
  const bodyBytes = Buffer.byteLength(body)
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`
  const headers = answerHeaders(answer, { requestId, extendedId, bodyBytes, crossOrigin: false })
  for (let index = 0; index < headers.length; index += 2) text += `${headers[index]}: ${headers[index + 1]}\r\n`
  const connection =
    keepAliveMs === undefined ? "close" : `keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}`
  text += `Date: ${httpDate(nowMs)}\r\nConnection: ${connection}\r\n\r\n${body}`
  return { text, encoding: bodyBytes === body.length ? "latin1" : "utf8" }
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

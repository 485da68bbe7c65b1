import { STATUS_CODES } from "node:http"
import { type Answer, type AnswerFacts, answerHeaders } from "../answer.ts"

export interface ConnectionFacts {
  /** Milliseconds since the epoch. */
  readonly nowMs: number
  /** For how long the connection is kept open for a next request; undefined when this answer is its last. */
  readonly keepAliveMs: number | undefined
}

/** An answer as it goes over a connection, with the headers that Node adds to those of the plain way, in Node's order. */
export function answerText(answer: Answer, facts: AnswerFacts, { nowMs, keepAliveMs }: ConnectionFacts): string {
  let text = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n`
  for (const [name, value] of Object.entries(answerHeaders(answer, facts))) text += `${name}: ${value}\r\n`
  text += `Date: ${httpDate(nowMs)}\r\n`
  text +=
    keepAliveMs === undefined
      ? "Connection: close\r\n"
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1000)}\r\n`
  return `${text}\r\n${answer.body}`
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

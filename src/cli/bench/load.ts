import { setMaxListeners } from "node:events"
import type { Clock } from "../../platform/index.ts"
import type { HttpAnswer, HttpConnection } from "./http-connection.ts"

export interface LoadOptions {
  readonly connectionCount: number
  readonly durationMs: number
  /** In all, spread evenly; undefined to send each as soon as the one before on its connection is answered. */
  readonly requestsPerSecond: number | undefined
  readonly clock: Clock
  /** Ends it early: requests under way are given up. */
  readonly interrupted: AbortSignal
}

/** What a load is made of. */
export interface LoadParts {
  /** `signal` ends the connection. */
  open(signal: AbortSignal): Promise<Pick<HttpConnection, "exchange" | "isOpen" | "close">>
  nextRequest(): Promise<Uint8Array>
  onAnswer(answer: HttpAnswer, latencyMs: number): void
  /** A connection could not be opened, or ended before an answer. */
  onFailure(error: unknown): void
}

export interface LoadEnd {
  /** From the first request to the last answer. */
  readonly elapsedMs: number
  /** Requests that were due and for which no connection was free in time. */
  readonly unsentCount: number
}

/** Before a connection is opened again after a failure: a server that is gone is not to be asked a thousand times a second. */
const pauseMs = 100

/**
 * Keeps an endpoint busy over some connections, each with one request under way.
 *
 * With a rate, a request has a moment when it is due, whether or not the server is ready for it, and its latency counts from
 * then. Counted from when it is sent, the requests that had to wait for a slow answer would not show that they did
 * ("coordinated omission"): a stall of a second would be one slow request, and not all those that came in during it.
 */
export async function runLoad(options: LoadOptions, parts: LoadParts): Promise<LoadEnd> {
  const { clock, connectionCount, durationMs, requestsPerSecond, interrupted } = options
  const startMs = clock.elapsed()
  const schedule = new Schedule(startMs, durationMs, requestsPerSecond)
  // One that all connections may listen to: Node takes more than ten listeners for a mistake.
  const signal = AbortSignal.any([interrupted])
  setMaxListeners(0, signal)
  await Promise.all(Array.from({ length: connectionCount }, () => drive({ clock, schedule, signal }, parts)))
  const elapsedMs = clock.elapsed() - startMs
  return { elapsedMs, unsentCount: interrupted.aborted ? 0 : schedule.leftCount }
}

interface Course {
  readonly clock: Clock
  readonly schedule: Schedule
  readonly signal: AbortSignal
}

/** Sends requests over one connection until the time is over; a connection that ended is replaced. */
async function drive({ clock, schedule, signal }: Course, parts: LoadParts): Promise<void> {
  let connection: Awaited<ReturnType<LoadParts["open"]>> | undefined
  try {
    while (!signal.aborted && clock.elapsed() < schedule.endMs) {
      const request = await parts.nextRequest()
      const turn = schedule.take()
      if (turn === "over") break
      if (turn !== "at-once") await clock.sleep(turn.dueMs - clock.elapsed(), signal)
      if (signal.aborted) break
      try {
        if (connection?.isOpen !== true) connection = await parts.open(signal)
        const sentMs = clock.elapsed()
        // A timer may be a fraction of a millisecond early.
        const fromMs = turn === "at-once" ? sentMs : Math.min(turn.dueMs, sentMs)
        const answer = await connection.exchange(request)
        parts.onAnswer(answer, clock.elapsed() - fromMs)
      } catch (error) {
        if (signal.aborted) break
        parts.onFailure(error)
        connection?.close()
        await clock.sleep(pauseMs, signal)
      }
    }
  } finally {
    connection?.close()
  }
}

/** When requests are due. */
class Schedule {
  readonly endMs: number
  readonly #startMs: number
  readonly #requestsPerSecond: number | undefined
  readonly #dueCount: number
  #takenCount = 0

  constructor(startMs: number, durationMs: number, requestsPerSecond: number | undefined) {
    this.endMs = startMs + durationMs
    this.#startMs = startMs
    this.#requestsPerSecond = requestsPerSecond
    this.#dueCount = requestsPerSecond === undefined ? 0 : Math.ceil((requestsPerSecond * durationMs) / 1000)
  }

  /** Those that nobody took. */
  get leftCount(): number {
    return this.#dueCount - this.#takenCount
  }

  /** The next request's turn; "over" when all that come before the end are taken. */
  take(): "at-once" | "over" | { readonly dueMs: number } {
    if (this.#requestsPerSecond === undefined) return "at-once"
    if (this.#takenCount === this.#dueCount) return "over"
    return { dueMs: this.#startMs + (this.#takenCount++ * 1000) / this.#requestsPerSecond }
  }
}

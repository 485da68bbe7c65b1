import { HttpConnection, type Latencies, runLoad, Tally } from "../src/cli/bench/index.ts"
import { systemClock } from "../src/platform/index.ts"

export interface PacedLoadOptions {
  /** http://HOST:PORT */
  readonly url: string
  readonly connectionCount: number
  readonly requestsPerSecond: number
  readonly durationMs: number
  /** Ends it before. */
  readonly signal?: AbortSignal
  /** PutRecord requests, sent in turn. */
  readonly requests: readonly Buffer[]
}

/**
 * Sends PutRecords at a steady pace, and answers how long they took, each from when it was due.
 * @throws when one is refused
 */
export async function runPacedLoad(options: PacedLoadOptions): Promise<Latencies> {
  const { url, connectionCount, requestsPerSecond, durationMs, requests, signal } = options
  const tally = new Tally("put-record", 1)
  let sentCount = 0
  const interrupted = signal ?? new AbortController().signal
  await runLoad(
    { connectionCount, requestsPerSecond, durationMs, clock: systemClock, interrupted },
    {
      open: (closed) => HttpConnection.open(new URL(url), { timeoutMs: 60_000, signal: closed }),
      nextRequest: async () => requests[sentCount++ % requests.length] ?? Buffer.alloc(0),
      onAnswer: (answer, latencyMs) => tally.answered(answer, latencyMs),
      onFailure: (error) => tally.failed(error),
    },
  )
  const [refused] = tally.refusals.keys()
  if (refused !== undefined) throw new Error(`A put was refused: ${refused}`)
  return tally.latencies
}

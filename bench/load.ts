/**
 * A client that costs as little as it can, so that it is the server that is measured: it writes requests that were made
 * before over raw connections, those of `hydrant bench`.
 */
import { HttpConnection } from "../src/cli/bench/index.ts"

/** A server that says nothing for so long is given up. */
const timeoutMs = 60_000

export interface LoadOptions {
  /** http://HOST:PORT */
  readonly url: string
  /** Kept open; each has one request under way at a time. */
  readonly connectionCount: number
  /** Sent in turn, again and again. */
  readonly requests: readonly Buffer[]
  /** Asked before each request. */
  more(): boolean
}

export interface LoadResult {
  readonly requestCount: number
  /** From the first request to the last answer. */
  readonly elapsedMs: number
  /** Of each request, until its answer was whole. */
  readonly latenciesMs: readonly number[]
}

/** @throws when a request is answered with anything but 200, or a connection fails */
export async function runLoad({ url, connectionCount, requests, more }: LoadOptions): Promise<LoadResult> {
  const connections = await Promise.all(Array.from({ length: connectionCount }, () => open(url)))
  const latenciesMs: number[] = []
  let sentCount = 0
  const drive = async (first: HttpConnection, index: number) => {
    let connection = first
    while (more()) {
      const request = requests[sentCount++ % requests.length]
      if (request === undefined) throw new Error("A load needs at least one request")
      const sentMs = performance.now()
      // Some servers close a connection with each answer.
      if (!connection.isOpen) connection = connections[index] = await open(url)
      await exchange(connection, request)
      latenciesMs.push(performance.now() - sentMs)
    }
  }
  try {
    const startMs = performance.now()
    await Promise.all(connections.map(drive))
    return { requestCount: sentCount, elapsedMs: performance.now() - startMs, latenciesMs }
  } finally {
    for (const connection of connections) connection.close()
  }
}

/** For `more`: true for a time. */
export function duringMs(durationMs: number): () => boolean {
  const endMs = performance.now() + durationMs
  return () => performance.now() < endMs
}

/** For `more`: true a number of times. */
export function times(count: number): () => boolean {
  let left = count
  return () => left-- > 0
}

/** Sends one request on a connection of its own; resolves with the bytes of the answer's body. */
export async function sendOnce(url: string, request: Buffer): Promise<number> {
  const connection = await open(url)
  try {
    return await exchange(connection, request)
  } finally {
    connection.close()
  }
}

function open(url: string): Promise<HttpConnection> {
  return HttpConnection.open(new URL(url), { timeoutMs, signal: new AbortController().signal })
}

async function exchange(connection: HttpConnection, request: Buffer): Promise<number> {
  const { status, body } = await connection.exchange(request)
  if (status !== 200) throw new Error(`Refused with ${status}: ${body}`)
  return body.length
}

/** Takes in the body of a request, with a bound. */
import type { IncomingMessage } from "node:http"

export type ReceivedBody =
  | { readonly kind: "whole"; readonly bytes: Buffer }
  /** More than the bound: nothing of it was kept. */
  | { readonly kind: "too-large" }
  /** The client went away before the end. */
  | { readonly kind: "cut-short" }

/**
 * How much more than the bound is read, and thrown away, before that is answered. A client that is still sending when its
 * connection closes would not see the answer, and take it for a failure to try again.
 */
const thrownAwayBytesMax = 64 * 1024 * 1024

/** Collects a body of up to `bytesMax` bytes. Never rejects. How long it may take is the server's `requestTimeout`. */
export function receiveBody(request: IncomingMessage, bytesMax: number): Promise<ReceivedBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let receivedBytes = 0
    request.on("data", (chunk: Buffer) => {
      receivedBytes += chunk.length
      if (receivedBytes <= bytesMax) chunks.push(chunk)
      else chunks.length = 0
      if (receivedBytes > bytesMax + thrownAwayBytesMax) {
        request.pause()
        resolve({ kind: "too-large" })
      }
    })
    request.on("end", () => {
      const isWhole = receivedBytes <= bytesMax
      resolve(isWhole ? { kind: "whole", bytes: joined(chunks, receivedBytes) } : { kind: "too-large" })
    })
    // After another outcome it changes nothing; before, the connection is gone.
    request.on("close", () => resolve({ kind: "cut-short" }))
  })
}

/** Most bodies come in one chunk: no copy then. */
function joined(chunks: readonly Buffer[], bytes: number): Buffer {
  const [first] = chunks
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, bytes)
}

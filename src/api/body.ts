/** Takes in the body of a request, with a bound. */
import type { IncomingMessage } from "node:http"

export type ReceivedBody =
  | { readonly kind: "whole"; readonly bytes: Buffer }
  /** More than the bound: the rest was not read. */
  | { readonly kind: "too-large" }
  /** The client went away before the end. */
  | { readonly kind: "cut-short" }

/** Collects a body of up to `bytesMax` bytes. Never rejects. How long it may take is the server's `requestTimeout`. */
export function receiveBody(request: IncomingMessage, bytesMax: number): Promise<ReceivedBody> {
  if (Number(request.headers["content-length"]) > bytesMax) return Promise.resolve({ kind: "too-large" })
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let receivedBytes = 0
    request.on("data", (chunk: Buffer) => {
      receivedBytes += chunk.length
      if (receivedBytes <= bytesMax) {
        chunks.push(chunk)
      } else {
        request.pause()
        resolve({ kind: "too-large" })
      }
    })
    request.on("end", () => resolve({ kind: "whole", bytes: joined(chunks, receivedBytes) }))
    // After "end" it changes nothing; before, the connection is gone.
    request.on("close", () => resolve({ kind: "cut-short" }))
  })
}

/** Most bodies come in one chunk: no copy then. */
function joined(chunks: readonly Buffer[], bytes: number): Buffer {
  const [first] = chunks
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, bytes)
}

/** Takes in the body of a request, with a bound. */
import type { IncomingMessage } from "node:http"
import { BodyChunks } from "./body-chunks.ts"
import type { ByteBudget } from "./byte-budget.ts"

export type ReceivedBody =
  | { readonly kind: "whole"; readonly bytes: Buffer }
  /** More than the bound: nothing of it was kept. */
  | { readonly kind: "too-large" }
  /** Too much for now, with what other requests hold: nothing of it was kept. */
  | { readonly kind: "no-room" }
  /** The client went away before the end. */
  | { readonly kind: "cut-short" }

export interface BodyLimits {
  /** Of one body. */
  readonly bytesMax: number
  /** Of all requests together. The bytes of a whole body are the caller's to give back. */
  readonly budget: ByteBudget
}

/**
 * How much more than the bound is read, and thrown away, before that is answered. A client that is still sending when its
 * connection closes would not see the answer, and take it for a failure to try again.
 */
const thrownAwayBytesMax = 64 * 1024 * 1024

/** Collects a body. Never rejects. How long it may take is the server's `requestTimeout`. */
export function receiveBody(request: IncomingMessage, { bytesMax, budget }: BodyLimits): Promise<ReceivedBody> {
  return new Promise((resolve) => {
    let chunks: BodyChunks | undefined = new BodyChunks()
    let receivedBytes = 0
    const drop = () => {
      budget.giveBack(chunks?.sizeBytes ?? 0)
      chunks = undefined
    }
    request.on("data", (chunk: Buffer) => {
      receivedBytes += chunk.length
      if (receivedBytes <= bytesMax && chunks !== undefined && budget.take(chunk.length)) chunks.add(chunk)
      else drop()
      if (receivedBytes > bytesMax + thrownAwayBytesMax) {
        request.pause()
        resolve({ kind: "too-large" })
      }
    })
    request.on("end", () => {
      if (chunks !== undefined) resolve({ kind: "whole", bytes: chunks.joined() })
      else resolve({ kind: receivedBytes <= bytesMax ? "no-room" : "too-large" })
      chunks = undefined
    })
    request.on("close", () => {
      // After another outcome it changes nothing; before, the connection is gone.
      drop()
      resolve({ kind: "cut-short" })
    })
  })
}

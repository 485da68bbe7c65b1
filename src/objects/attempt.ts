/** What the attempts of all stores have in common: how the object is read, and how a failure is told. */
import type { ObjectToPut, PutOutcome } from "./store.ts"

/** The object's own bytes could not be read. `cause` says why. */
class BodyError extends Error {
  constructor(cause: unknown) {
    super("the object's bytes cannot be read", { cause })
    this.name = "BodyError"
  }
}

/**
 * The object's bytes as they come. Each chunk is good until the next one is asked for.
 *
 * @throws BodyError when the object cannot be read; the signal's reason once it is aborted.
 */
export async function* chunksOf(object: ObjectToPut, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of object.body()) {
      signal.throwIfAborted()
      yield chunk
    }
  } catch (error) {
    throw signal.aborted && error === signal.reason ? error : new BodyError(error)
  }
}

/**
 * The object's bytes in parts of exactly `partBytes`, the last one shorter; none for an empty object. Each part is a
 * copy with memory of its own, so that the source may use its chunks again. Memory: the part that is being filled.
 *
 * @throws BodyError when the object cannot be read; the signal's reason once it is aborted.
 */
export async function* partsOf(object: ObjectToPut, partBytes: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  let part = Buffer.alloc(0)
  let filledBytes = 0
  let firstBytes = Math.min(partBytes, 64 * 1024)
  for await (const chunk of chunksOf(object, signal)) {
    let takenBytes = 0
    while (takenBytes < chunk.byteLength) {
      const piece = chunk.subarray(takenBytes, takenBytes + partBytes - filledBytes)
      const neededBytes = filledBytes + piece.byteLength
      if (neededBytes > part.byteLength) {
        // Most objects are much smaller than a part: the first part grows. After it the object is known to be large.
        const larger = Buffer.allocUnsafe(Math.min(partBytes, Math.max(neededBytes, firstBytes, 2 * part.byteLength)))
        larger.set(part.subarray(0, filledBytes))
        part = larger
      }
      part.set(piece, filledBytes)
      filledBytes = neededBytes
      takenBytes += piece.byteLength
      if (filledBytes === partBytes) {
        yield part
        part = Buffer.alloc(0)
        filledBytes = 0
        firstBytes = partBytes
      }
    }
  }
  if (filledBytes > 0) yield part.subarray(0, filledBytes)
}

/** Why an attempt failed: what is needed of an outcome `later` beside the object. */
export interface Failure {
  readonly code: string
  /** The end of a sentence that begins with "Cannot store". */
  readonly reason: string
  /** The store is full. */
  readonly outOfSpace?: boolean
}

/** What failed when it was not the store: the attempt was ended, or the object could not be read. */
export function failureBeforeStore(error: unknown, signal: AbortSignal): Failure | undefined {
  const unreadable = error instanceof BodyError
  const ended = error === signal.reason || (error instanceof Error && error.name === "AbortError")
  if (signal.aborted && (ended || unreadable)) {
    return { code: "InternalError", reason: "the attempt was ended before it was complete" }
  }
  if (unreadable) return { code: "InternalError", reason: `${error.message}: ${reasonOf(error.cause)}` }
  return undefined
}

export function later(object: ObjectToPut, failure: Failure & { readonly mayBeStored: boolean }): PutOutcome {
  const name = `${JSON.stringify(object.key)} in bucket ${JSON.stringify(object.bucket)}`
  return {
    kind: "later",
    mayBeStored: failure.mayBeStored,
    code: failure.code,
    ...(failure.outOfSpace !== undefined && { outOfSpace: failure.outOfSpace }),
    message: `Cannot store ${name}: ${failure.reason}`,
  }
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

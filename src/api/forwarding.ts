/**
 * The operations of an ingest process. It takes puts for the streams that it knows; everything else is done by the server's
 * process, which alone changes the catalog, and knows best whether a stream is there.
 */
import type { DestinationKind } from "../destinations/index.ts"
import { ApiError, type ErrorType } from "./errors.ts"
import type { Operation } from "./operation.ts"
import { operationsFor } from "./operations/index.ts"

/** What became of an operation that another process performed. */
export type Performed =
  /** The answer's JSON. */
  | { readonly kind: "answered"; readonly text: string }
  /** The members of an ApiError. */
  | { readonly kind: "refused"; readonly type: ErrorType; readonly message: string; readonly code: string | undefined }

/**
 * Has the server's process perform an operation of this name. It is given the request's body, since a message between
 * processes can't carry members that are nested as deeply as JSON may be.
 */
export type Perform = (operation: string, body: Buffer) => Promise<Performed>

/** All operations: puts are performed here first, and everything else elsewhere. */
export function forwardingOperations(kinds: readonly DestinationKind[], perform: Perform): readonly Operation[] {
  return operationsFor(kinds).map((operation) => {
    const elsewhere = async (body: Buffer) => textOf(await perform(operation.name, body))
    return operation.isPut ? hereFirst(operation, elsewhere) : { ...operation, run: (_, __, body) => elsewhere(body) }
  })
}

/** A put of which nothing was stored here, since its stream is not known here, is performed elsewhere. */
function hereFirst(operation: Operation, elsewhere: (body: Buffer) => Promise<string>): Operation {
  const orElsewhere = async (put: () => Promise<string>, body: Buffer) => {
    try {
      return await put()
    } catch (error) {
      if (error instanceof ApiError && error.type === "ResourceNotFoundException") return elsewhere(body)
      throw error
    }
  }
  return {
    ...operation,
    run: (context, members, body) => orElsewhere(() => operation.run(context, members, body), body),
    readQuickly(body) {
      const put = operation.readQuickly?.(body)
      return put && ((context) => orElsewhere(() => put(context), body))
    },
  }
}

function textOf(performed: Performed): string {
  if (performed.kind === "answered") return performed.text
  throw new ApiError(performed.type, performed.message, performed.code)
}

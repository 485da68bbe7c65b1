/**
 * The operations of an ingest process. It takes puts for the streams that it knows; everything else is done by the server's
 * process, which alone changes the catalog, and knows best whether a stream is there.
 */
import type { DestinationKind } from "../destinations/index.ts"
import type { JsonObject } from "../shapes/index.ts"
import { ApiError, type ErrorType } from "./errors.ts"
import type { Operation } from "./operation.ts"
import { operationsFor } from "./operations/index.ts"
import { parseObject } from "./parse-object.ts"

/** What became of an operation that another process performed. */
export type Performed =
  /** The answer's JSON. */
  | { readonly kind: "answered"; readonly text: string }
  /** The members of an ApiError. */
  | { readonly kind: "refused"; readonly type: ErrorType; readonly message: string; readonly code: string | undefined }

/** Has the server's process perform an operation of this name. */
export type Perform = (operation: string, members: JsonObject) => Promise<Performed>

/** All operations: puts are performed here first, and everything else elsewhere. */
export function forwardingOperations(kinds: readonly DestinationKind[], perform: Perform): readonly Operation[] {
  return operationsFor(kinds).map((operation) => {
    const elsewhere = async (members: JsonObject) => textOf(await perform(operation.name, members))
    return operation.isPut ? hereFirst(operation, elsewhere) : { ...operation, run: (_, members) => elsewhere(members) }
  })
}

/** A put of which nothing was stored here, since its stream is not known here, is performed elsewhere. */
function hereFirst(operation: Operation, elsewhere: (members: JsonObject) => Promise<string>): Operation {
  const orElsewhere = async (put: Promise<string>, members: () => JsonObject) => {
    try {
      return await put
    } catch (error) {
      if (error instanceof ApiError && error.type === "ResourceNotFoundException") return elsewhere(members())
      throw error
    }
  }
  return {
    ...operation,
    run: (context, members) => orElsewhere(operation.run(context, members), () => members),
    readQuickly(body) {
      const put = operation.readQuickly?.(body)
      // What was read quickly is a JSON object.
      return put && ((context) => orElsewhere(put(context), () => parseObject(body) ?? {}))
    },
  }
}

function textOf(performed: Performed): string {
  if (performed.kind === "answered") return performed.text
  throw new ApiError(performed.type, performed.message, performed.code)
}

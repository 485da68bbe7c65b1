import type { DestinationKind } from "../destinations/index.ts"
import { readShape, unknownMembers } from "../shapes/index.ts"
import type { NewStream } from "../streams/index.ts"
import { ApiError, invalidArgument, malformedInput } from "./errors.ts"
import { createRequest } from "./operations/index.ts"

export type ReadDefinition =
  | { readonly kind: "read"; readonly stream: NewStream }
  /** As CreateDeliveryStream would answer. */
  | { readonly kind: "refused"; readonly type: string; readonly message: string }

/** Reads the input of a CreateDeliveryStream that is not made: what it describes, or why it would be refused. */
export function readDefinition(kinds: readonly DestinationKind[], given: unknown): ReadDefinition {
  const request = createRequest(kinds)
  try {
    const outcome = readShape(request.input, given)
    if (outcome.kind === "refused") throw malformedInput(outcome.problems)
    const stream = request.newStream(outcome.value)
    // The API lets members pass that it does not know, as AWS does. Who writes a definition wants to hear of a slip.
    const unknown = unknownMembers(request.input, given)
    if (unknown.length > 0) throw invalidArgument(`there is no ${unknown.join(", no ")}`)
    return { kind: "read", stream }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { kind: "refused", type: error.type, message: error.message || "it is not an object" }
  }
}

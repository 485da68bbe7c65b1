/**
 * Streams that hydrant.yaml declares, in the API's own shapes: what is missing is made, and what differs is updated. They
 * keep the same rules as a client's calls.
 */
import { isDeepStrictEqual } from "node:util"
import type { DestinationKind } from "../destinations/index.ts"
import type { Clock } from "../platform/index.ts"
import { readShape, unknownMembers } from "../shapes/index.ts"
import {
  type Catalog,
  disabling,
  enabling,
  type NewStream,
  notEncrypted,
  type StreamDefinition,
  type StreamEncryption,
} from "../streams/index.ts"
import { ApiError, invalidArgument, malformedInput } from "./errors.ts"
import { createRequest } from "./operations/index.ts"

export interface DeclarationParts {
  readonly catalog: Catalog
  readonly clock: Clock
  readonly destinations: readonly DestinationKind[]
}

/**
 * Brings the catalog to what `declarations`, inputs of CreateDeliveryStream, say. Other streams stay as they are. When one
 * of the declarations is wrong, none is acted on.
 * @throws Error that tells all that is wrong
 */
export async function declareStreams(parts: DeclarationParts, declarations: readonly unknown[]): Promise<void> {
  const request = createRequest(parts.destinations)
  const problems: string[] = []
  const streams: NewStream[] = []
  for (const [index, declaration] of declarations.entries()) {
    try {
      const outcome = readShape(request.input, declaration)
      if (outcome.kind === "refused") throw malformedInput(outcome.problems)
      const stream = request.newStream(outcome.value)
      const unknown = unknownMembers(request.input, declaration)
      if (unknown.length > 0) throw invalidArgument(`there is no ${unknown.join(", no ")}`)
      if (streams.some(({ name }) => name === stream.name)) problems.push(`"${stream.name}" is declared twice`)
      else streams.push(stream)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      problems.push(`entry ${index + 1} is wrong: ${error.message || "it is not an object"}`)
    }
  }
  if (problems.length > 0) throw new Error(`the declared streams can't be used: ${problems.join("; ")}`)
  for (const stream of streams) await declare(parts, stream)
}

async function declare({ catalog, clock }: DeclarationParts, declared: NewStream): Promise<void> {
  if (catalog.find(declared.name) === undefined) {
    const outcome = await catalog.create(declared)
    if (outcome.kind === "limit") throw new Error(`there are as many streams as there may be (--streams-max)`)
    return
  }
  await catalog.change(declared.name, (current) => {
    const { destination, tags } = declared
    const encryption = encryptionAsDeclared(current.encryption, declared.encryption, clock.now())
    // One whose key could not be had when it was made gets another try.
    const status = current.status.kind === "CREATING_FAILED" ? ({ kind: "CREATING" } as const) : current.status
    const updated: StreamDefinition = { ...current, tags, encryption, status }
    const isSameDestination = isDeepStrictEqual(current.destination, destination)
    if (isSameDestination) return isDeepStrictEqual(current, updated) ? current : updated
    return { ...updated, destination, version: current.version + 1, updatedMs: clock.now() }
  })
}

/** Started or stopped where it differs. One that could not be enabled is tried again at each start. */
function encryptionAsDeclared(
  current: StreamEncryption,
  { state: declared }: StreamEncryption = notEncrypted,
  nowMs: number,
): StreamEncryption {
  if (declared.status === "DISABLED") return disabling(current, nowMs)
  const { state } = current
  const isAsDeclared = state.status !== "DISABLED" && isDeepStrictEqual(state.key, declared.key)
  const isInForce = state.status === "ENABLED" || state.status === "ENABLING"
  return isAsDeclared && isInForce ? current : enabling(current, declared.key, nowMs)
}

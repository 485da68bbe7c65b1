/** How operations get at the stream that they name. */
import type { StreamDefinition } from "../streams/index.ts"
import { resourceInUse, resourceNotFound } from "./errors.ts"
import type { Context } from "./operation.ts"

/** @throws ApiError ResourceNotFoundException */
export function requireStream({ catalog, identity }: Context, name: string): StreamDefinition {
  const stream = catalog.find(name)
  if (stream === undefined) throw resourceNotFound(name, identity.accountId)
  return stream
}

/**
 * Changes a stream to what `decide` makes of it.
 * @throws ApiError ResourceNotFoundException, or what `decide` throws
 */
export async function changeStream(
  { catalog, identity }: Context,
  name: string,
  decide: (current: StreamDefinition) => StreamDefinition,
): Promise<void> {
  const changed = await catalog.change(name, decide)
  if (changed === undefined) throw resourceNotFound(name, identity.accountId)
}

/** @throws ApiError ResourceInUseException: being created or deleted, or failed in that, a stream can only be deleted */
export function requireActive(stream: StreamDefinition): void {
  if (stream.status.kind === "ACTIVE") return
  throw resourceInUse(
    `Firehose ${stream.name} is in status ${stream.status.kind}: only an ACTIVE delivery stream can be changed`,
  )
}

export { type ErrorOutputType, errorOutputTypes } from "../objects/index.ts"

import type { DestinationKind, Extensions } from "./destination.ts"
import { s3 } from "./s3/index.ts"

export type {
  Batch,
  BatchFacts,
  BatchOutput,
  Buffering,
  Configured,
  DeliveryOutcome,
  Destination,
  DestinationKind,
  DestinationView,
  DestinationWorld,
  ErrorLogTarget,
  Extensions,
  Processing,
} from "./destination.ts"

/**
 * The kinds of destination, one line each. What the API takes and shows is assembled by walking this table. `extensions`: those
 * beyond AWS that the settings allow.
 */
export function destinationKinds(extensions: Extensions): readonly DestinationKind[] {
  return [s3(extensions)]
}

/** As AWS has them. */
export const destinations = destinationKinds(new Set())

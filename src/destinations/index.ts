export { type ErrorOutputType, errorOutputTypes } from "../objects/index.ts"

import type { DestinationKind } from "./destination.ts"
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
  Extension,
  Extensions,
  Processing,
} from "./destination.ts"

/** The kinds of destination, one line each. What the API takes and shows is assembled by walking this table. */
export const destinations: readonly DestinationKind[] = [s3]

import type { Delivery, PreviewedStream } from "../delivery/index.ts"
import type { Logger, ServerMetrics } from "../observe/index.ts"
import type { Clock } from "../platform/index.ts"
import type { Catalog } from "../streams/index.ts"

/** What the admin side looks at and acts on. */
export interface AdminParts {
  readonly catalog: Pick<Catalog, "find" | "list" | "change">
  readonly delivery: Pick<Delivery, "flush" | "preview">
  readonly metrics: Pick<ServerMetrics, "expose" | "gauges">
  readonly clock: Pick<Clock, "sleep">
  readonly logger: Pick<Logger, "error">
  /** Reads the input of a CreateDeliveryStream that is not made. */
  readDefinition(given: unknown): DefinitionOutcome
  /** Asked at each request. */
  health(): Health
}

export type Health =
  /** Takes requests. `problems`: delivery streams that do not work, one sentence each; the others do. */
  | { readonly kind: "ready"; readonly problems: readonly string[] }
  /** Starting or stopping, or must not get traffic for another reason; it is expected to get over it by itself. */
  | { readonly kind: "unready"; readonly reason: string }
  /** Only a restart helps. */
  | { readonly kind: "dead"; readonly reason: string }

export type DefinitionOutcome =
  | { readonly kind: "read"; readonly stream: PreviewedStream }
  /** As the API would answer. */
  | { readonly kind: "refused"; readonly type: string; readonly message: string }

export interface AdminRequest {
  /** What stands in NAME's place; "" in a path without it. */
  readonly streamName: string
  readonly query: URLSearchParams
  /** Empty where the route reads none. */
  readonly body: Uint8Array
  /** Aborted when the client went away. */
  readonly signal: AbortSignal
}

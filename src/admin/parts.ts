import type { Delivery } from "../delivery/index.ts"
import type { Logger, ServerMetrics } from "../observe/index.ts"
import type { Clock } from "../platform/index.ts"
import type { Catalog } from "../streams/index.ts"

/** What the admin side looks at and acts on. */
export interface AdminParts {
  readonly catalog: Pick<Catalog, "find" | "list" | "change">
  readonly delivery: Pick<Delivery, "flush">
  readonly metrics: Pick<ServerMetrics, "expose" | "gauges">
  readonly clock: Pick<Clock, "sleep">
  readonly logger: Pick<Logger, "error">
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

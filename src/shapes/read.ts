import { type Problem, Problems } from "./problems.ts"
import type { Shape } from "./shape.ts"

export type ReadOutcome<T> =
  | { readonly kind: "read"; readonly value: T }
  /** At least one problem; those of type first make the whole value unusable. */
  | { readonly kind: "refused"; readonly problems: readonly Problem[] }

/** Reads a whole value by its shape: either a value of the shape's type, or all that is wrong with it. */
export function readShape<T>(shape: Shape<T>, value: unknown): ReadOutcome<T> {
  const problems = new Problems()
  const read = shape.read(value, "", problems)
  if (read === undefined || problems.found.length > 0) return { kind: "refused", problems: problems.found }
  return { kind: "read", value: read }
}

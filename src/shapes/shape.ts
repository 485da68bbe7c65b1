import type { Problems } from "./problems.ts"

/**
 * A description of data from outside: its type, limits and documentation, and how it is read.
 *
 * `T` is what a reader gets. Never write an interface beside a shape: `TypeOf<typeof shape>` is its type.
 */
export interface Shape<T> {
  readonly kind: "string" | "integer" | "double" | "boolean" | "blob" | "timestamp" | "list" | "map" | "structure"
  readonly doc: string
  /** Left out of error messages and logs. */
  readonly sensitive: boolean
  /**
   * Reads a JSON value that is neither undefined nor null. Answers undefined when it reported a problem; what it answers
   * is then of no use, and the caller goes on only to find the other problems.
   */
  read(value: unknown, path: string, problems: Problems): T | undefined
}

/** The static type of what a shape describes. */
export type TypeOf<S> = S extends Shape<infer T> ? T : never

/** A member of a structure that may be absent (`null` counts as absent). */
export interface OptionalMember<T> {
  readonly optional: true
  readonly shape: Shape<T>
}

export function optional<T>(shape: Shape<T>): OptionalMember<T> {
  return { optional: true, shape }
}

/** The same shape, whose values are left out of messages and logs. */
export function sensitive<S extends Shape<unknown>>(shape: S): S {
  return { ...shape, sensitive: true }
}

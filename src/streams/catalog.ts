import type { StreamDefinition } from "./definition.ts"

/** A stream that a create asks for: what the catalog does not decide by itself. */
export type NewStream = Pick<StreamDefinition, "name" | "destination" | "tags"> &
  Partial<Pick<StreamDefinition, "throughputHintInMBs" | "encryption">>

export type CreateOutcome =
  | { readonly kind: "created"; readonly stream: StreamDefinition }
  | { readonly kind: "in-use" }
  /** As many streams as the catalog may hold are there. */
  | { readonly kind: "limit"; readonly streams: readonly StreamDefinition[] }

/**
 * The streams that exist. Reading is from memory and at once; a change is durable when its promise resolves, and is seen
 * by readers only then. Changes of one stream happen one after the other.
 */
export interface Catalog {
  find(name: string): StreamDefinition | undefined
  /** Every stream in whatever status, in the order of their names' code units. */
  list(): readonly StreamDefinition[]
  /** Adds a stream in status CREATING, version 1. */
  create(stream: NewStream): Promise<CreateOutcome>
  /**
   * Replaces a stream's definition by what `decide` makes of the current one. `decide` may throw to refuse: then nothing
   * is changed and the error is thrown on. Answers the new definition, or undefined when there is no such stream.
   */
  change(name: string, decide: (current: StreamDefinition) => StreamDefinition): Promise<StreamDefinition | undefined>
  /** Forgets a stream; its name is free when this resolves. No error when there is none. */
  remove(name: string): Promise<void>
  /** Calls `listener` after each change, with undefined in place of a definition that is not there. */
  onChange(listener: (now: StreamDefinition | undefined, before: StreamDefinition | undefined) => void): void
}

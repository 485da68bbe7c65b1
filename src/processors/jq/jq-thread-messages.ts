/** What the thread that runs jq is told, and what it answers. */
import type { JqRun } from "./jq-engine.ts"

export interface JqThreadData {
  /** See progressSlots: memory that both threads see, since one that runs jq hears nothing. */
  readonly progress: Int32Array
}

/** Places in `progress`. */
export const progressSlots = { isRunning: 0, recordsDone: 1, count: 2 } as const

export interface JqTask {
  readonly query: string
  readonly inputs: readonly string[]
}

export type JqAnswer =
  | { readonly kind: "done"; readonly run: JqRun }
  /** jq could not be loaded, or something that was not foreseen went wrong. */
  | { readonly kind: "failed"; readonly message: string }

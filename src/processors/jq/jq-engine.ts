/** Runs jq programs over many records, each by itself, where one that never ends hurts nobody. */
export interface JqEngine {
  /**
   * Runs `query` on each of `inputs`, which are JSON texts, one value each. Answers in their order. Rejects when the program
   * does not compile, or when the engine itself fails.
   */
  run(query: string, inputs: readonly string[], signal: AbortSignal): Promise<readonly JqOutcome[]>
  close(): Promise<void>
}

export type JqOutcome =
  /** The one value that it gave, as JSON text. */
  | { readonly kind: "value"; readonly json: string }
  /** It failed on this input, gave nothing or several values, or took too long. */
  | { readonly kind: "failed"; readonly message: string }

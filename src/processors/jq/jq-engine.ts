/** Runs jq programs over many records, each by itself, where one that never ends hurts nobody. */
export interface JqEngine {
  /**
   * Runs `query` on each of `inputs`, which are JSON texts, one value each, no deeper than `depthMax` of json-text.ts. Answers
   * in their order. Rejects when the engine itself fails, so that nothing is known of any; also when `signal` is aborted.
   */
  run(query: string, inputs: readonly string[], signal: AbortSignal): Promise<JqRun>
  /** Ends what runs: it is rejected. May be called twice. */
  close(): Promise<void>
}

export type JqRun =
  | { readonly kind: "ran"; readonly outcomes: readonly JqOutcome[] }
  /** The program does not compile: it was not run. `message` is jq's. */
  | { readonly kind: "broken"; readonly message: string }

export type JqOutcome =
  /** The one value that it gave, as JSON text. */
  | { readonly kind: "value"; readonly json: string }
  /** It failed on this input, gave nothing or several values, or took too long. */
  | { readonly kind: "failed"; readonly message: string }

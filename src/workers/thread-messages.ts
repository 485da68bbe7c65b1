/** What a thread that does work is told, and what it answers. */

/** To do the work that is exported by `module` under `name`. */
export interface WorkTask<Input> {
  readonly module: string
  readonly name: string
  readonly input: Input
}

export type WorkAnswer<Output> =
  | { readonly kind: "done"; readonly output: Output }
  /** The work threw. */
  | { readonly kind: "threw"; readonly error: unknown }

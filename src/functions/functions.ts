/**
 * Where functions that have an ARN are run: by Lambda's own API, behind an HTTP URL, or from a module on this machine. One
 * that crashes, hangs or leaks harms nobody but itself.
 */
export interface Functions {
  /**
   * Runs a function once, and waits for its answer. Never rejects, but when `signal` is aborted. `payload`: JSON.
   */
  invoke(arn: string, payload: Uint8Array, signal: AbortSignal): Promise<Invocation>
  /** Ends what runs. May be called twice. */
  close(): Promise<void>
}

export type Invocation =
  /** What the function returned, as JSON that nobody has looked at. */
  | { readonly kind: "returned"; readonly payload: Uint8Array }
  /** `code`: one of the Lambda codes of spec/processing.md, section 3. All of them may be tried again. */
  | { readonly kind: "failed"; readonly code: string; readonly message: string }

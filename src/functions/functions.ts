/**
 * Where functions that have an ARN are run: by Lambda's own API, behind an HTTP URL, or from a module on this machine. One
 * that crashes, hangs or leaks harms nobody but itself.
 */
export interface Functions {
  /**
   * Runs a function once, and waits for its answer. Never rejects, but when `signal` is aborted. `payload`: JSON, at most
   * `requestBytesMax`.
   */
  invoke(arn: string, payload: Uint8Array, signal: AbortSignal): Promise<Invocation>
  /** Ends what runs. May be called twice. */
  close(): Promise<void>
}

export type Invocation =
  /** What the function returned, as JSON that nobody has looked at; at most `answerBytesMax`. */
  { readonly kind: "returned"; readonly payload: Uint8Array } | FailedInvocation

export interface FailedInvocation {
  readonly kind: "failed"
  /** One of the Lambda codes of spec/processing.md, section 3. All of them may be tried again. */
  readonly code: string
  /** What it means and what to do, as it stands in error records. */
  readonly message: string
  /** What the function, or what answered for it, said itself: for logs. */
  readonly detail?: string
  /** The payload or the answer was larger than may be: less at a time may work. */
  readonly isTooLarge?: true
}

/** What one invocation may send, as Lambda has it: 6 MB. */
export const requestBytesMax = 6 * 1024 * 1024

/** What a function may answer, as Lambda has it. */
export const answerBytesMax = 6_291_556

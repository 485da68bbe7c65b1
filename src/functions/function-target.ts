import type { FailedInvocation, Invocation } from "./functions.ts"

/** One function, wherever it runs. */
export interface FunctionTarget {
  /** See `Functions.invoke`. */
  invoke(arn: string, payload: Uint8Array, signal: AbortSignal): Promise<Invocation>
  /** Ends what runs. May be called twice. */
  close(): Promise<void>
}

/** In place of a function that runs nowhere: says why. */
export function failingTarget(failure: FailedInvocation): FunctionTarget {
  return { invoke: async () => failure, close: async () => {} }
}

const isUrl = /^https?:\/\//i

/** Whether what a function's ARN is mapped to is an HTTP URL, and not the path of a module. */
export function isFunctionUrl(target: string): boolean {
  return isUrl.test(target)
}

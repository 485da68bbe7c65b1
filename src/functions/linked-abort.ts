import { setMaxListeners } from "node:events"

/** A signal of its own, which others abort too until it is let go. */
export interface LinkedAbort {
  readonly signal: AbortSignal
  abort(): void
  /** The others do not hold it any more. */
  letGo(): void
}

/** In place of `AbortSignal.any`, by which a signal that lives for long keeps something of every signal that was made of it (Node 20). */
export function linkedTo(...others: readonly AbortSignal[]): LinkedAbort {
  const controller = new AbortController()
  const abort = () => controller.abort()
  // As many listen as invocations are under way: of more than ten Node would warn.
  setMaxListeners(0, ...others)
  for (const other of others) {
    if (other.aborted) abort()
    else other.addEventListener("abort", abort, { once: true })
  }
  return {
    signal: controller.signal,
    abort,
    letGo() {
      for (const other of others) other.removeEventListener("abort", abort)
    },
  }
}

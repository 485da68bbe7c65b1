import type { Operation } from "./operation.ts"

/**
 * - `answer`: an error of S3 in place of the operation.
 * - `garbage`: a 502 whose body is not S3's, as a proxy in between gives it, in place of the operation.
 * - `hang`: the request is taken, nothing is done, and no answer ever comes.
 * - `stall`: the operation is done, the answer begins, and never ends.
 * - `reset`: the connection is closed in place of the operation.
 * - `lose-answer`: the operation is done, and the connection is closed in place of the answer.
 */
export type FaultKind =
  | { readonly kind: "answer"; readonly status: number; readonly code: string }
  | { readonly kind: "garbage" | "hang" | "stall" | "reset" | "lose-answer" }

export type Fault = FaultKind & {
  /** The operation that it befalls; every one when absent. */
  readonly operation?: Operation
  /** How many requests it befalls; 1 when absent. */
  readonly times?: number
}

/** Faults that wait for their requests, in the order in which they were given. */
export class Faults {
  readonly #waiting: { readonly fault: Fault; timesLeft: number }[] = []

  add(fault: Fault): void {
    this.#waiting.push({ fault, timesLeft: fault.times ?? 1 })
  }

  /** The fault that befalls a request of this operation; it is used up by that. */
  take(operation: Operation): Fault | undefined {
    const found = this.#waiting.find(
      ({ fault, timesLeft }) => timesLeft > 0 && (fault.operation ?? operation) === operation,
    )
    if (found) found.timesLeft -= 1
    return found?.fault
  }

  clear(): void {
    this.#waiting.length = 0
  }
}

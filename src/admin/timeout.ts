import type { Clock } from "../platform/index.ts"
import { type Answer, refusal } from "./answer.ts"

/** Many HTTP clients give up by themselves after 300 seconds without an answer, and would not hear this one. */
const timeoutSeconds = { byDefault: 60, max: 240 } as const

export type Timeout =
  | { readonly kind: "read"; readonly seconds: number }
  | { readonly kind: "refused"; readonly answer: Answer }

/** `timeout-seconds` of a query. `what` completes "Cannot wait ... for". */
export function readTimeout(query: URLSearchParams, what: string): Timeout {
  const given = query.get("timeout-seconds")
  const seconds = given === null ? timeoutSeconds.byDefault : Number(given)
  if (seconds > 0 && seconds <= timeoutSeconds.max) return { kind: "read", seconds }
  const answer = refusal(
    400,
    `Cannot wait "${given}" seconds for ${what}`,
    `Give timeout-seconds a number from 1 to ${timeoutSeconds.max}, or leave it out for ${timeoutSeconds.byDefault}`,
  )
  return { kind: "refused", answer }
}

/** Does `work` with a signal that is aborted after `seconds`, or when the client goes away. */
export async function withTimeout<T>(
  clock: Pick<Clock, "sleep">,
  seconds: number,
  gone: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const limit = AbortSignal.any([gone, over.signal])
  const timer = clock.sleep(seconds * 1000, limit).then(() => over.abort())
  const outcome = await work(limit).finally(() => over.abort())
  await timer
  return outcome
}

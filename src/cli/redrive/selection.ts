import type { ErrorType } from "./error-record.ts"

/** Which error records are wanted. What is undefined is not asked about. */
export interface Selection {
  readonly errorTypes: readonly ErrorType[] | undefined
  readonly errorCodes: readonly string[] | undefined
  /** The first moment that is wanted, and the first that is not any more. */
  readonly sinceMs: number | undefined
  readonly untilMs: number | undefined
}

export type Selected =
  | { readonly kind: "wanted" }
  | { readonly kind: "left-out" }
  /** It can't be told. */
  | { readonly kind: "problem"; readonly problem: string }

/** Whether a record is wanted. That its object is was looked at before. */
export function select(
  { errorCodes, sinceMs, untilMs }: Selection,
  { errorCode, timeMs }: { readonly errorCode: string; readonly timeMs: number | undefined },
): Selected {
  if (errorCodes !== undefined && !errorCodes.includes(errorCode)) return { kind: "left-out" }
  if (sinceMs === undefined && untilMs === undefined) return { kind: "wanted" }
  if (timeMs === undefined)
    return { kind: "problem", problem: "it does not tell its time, which --since and --until ask for" }
  const isWithin = timeMs >= (sinceMs ?? Number.NEGATIVE_INFINITY) && timeMs < (untilMs ?? Number.POSITIVE_INFINITY)
  return { kind: isWithin ? "wanted" : "left-out" }
}

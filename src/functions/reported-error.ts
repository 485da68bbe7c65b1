import { failed, tooLarge } from "./failures.ts"
import type { FailedInvocation } from "./functions.ts"

/** An error is small; an answer with records may be large, and is not read twice. */
const errorBytesMax = 256 * 1024

/**
 * The error that a function reports in the place of an answer, in the form in which Lambda has it: `errorMessage`,
 * `errorType`. Lambda marks such an answer; its runtimes on one's own machine don't. Undefined when it is none.
 */
export function reportedError(payload: Uint8Array, isMarked: boolean): FailedInvocation | undefined {
  if (!isMarked && payload.byteLength > errorBytesMax) return undefined
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString()
  const { errorMessage, errorType, records } = membersOf(text)
  const isReported = typeof errorMessage === "string" && records === undefined
  if (!isMarked && !isReported) return undefined
  if (!isReported) return failed("Lambda.FunctionError", text)
  const detail = typeof errorType === "string" ? `${errorType}: ${errorMessage}` : errorMessage
  if (errorType === "Function.ResponseSizeTooLarge") return tooLarge(detail)
  const isTimeout = errorType === "Sandbox.Timedout" || /Task timed out after/.test(errorMessage)
  return failed(isTimeout ? "Lambda.FunctionTimedOut" : "Lambda.FunctionError", detail)
}

function membersOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? { ...value } : {}
  } catch {
    // What is no JSON has no members.
    return {}
  }
}

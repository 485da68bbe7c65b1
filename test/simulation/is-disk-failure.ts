import { errorCode } from "../../src/platform/index.ts"

/** Whether the disk's own failure is what is told, which a simulation expects; any other error is the program's. */
export function isDiskFailure(error: unknown): boolean {
  return errorCode(error) !== undefined || (error instanceof Error && errorCode(error.cause) !== undefined)
}

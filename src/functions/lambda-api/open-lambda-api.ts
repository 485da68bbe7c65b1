import { failed } from "../failures.ts"
import type { FunctionTarget } from "../function-target.ts"
import type { LambdaApi, LambdaApiSettings } from "./lambda-api.ts"

/**
 * Lambda's API, whose client is loaded while others start: that takes time, which a start without it need not. Not when a function
 * is first invoked: Node remembers for good that a module could not be read, and then a disk may be failing, or have no
 * descriptor left.
 */
export function openLambdaApi(settings: LambdaApiSettings): FunctionTarget {
  const loading: Promise<LambdaApi | Error> = import("./lambda-api.ts").then(
    ({ LambdaApi }) => new LambdaApi(settings),
    (error: unknown) => new Error(`Cannot load the client of Lambda: ${error}`),
  )
  return {
    async invoke(arn, payload, signal) {
      const api = await loading
      if (api instanceof Error) return failed("Lambda.InvocationFailure", api.message)
      return api.invoke(arn, payload, signal)
    },
    async close() {
      const api = await loading
      if (!(api instanceof Error)) await api.close()
    },
  }
}

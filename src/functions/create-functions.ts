import { type Logger, occasionalWarning } from "../observe/index.ts"
import type { Clock, Random } from "../platform/index.ts"
import { failed } from "./failures.ts"
import { readFunctionArn } from "./function-arn.ts"
import { type FunctionTarget, failingTarget, isFunctionUrl } from "./function-target.ts"
import type { Functions } from "./functions.ts"
import { HttpFunction } from "./http/index.ts"
import { openLambdaApi } from "./lambda-api/index.ts"
import { LocalFunction } from "./local/index.ts"

export interface FunctionsOptions {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Pick<Logger, "info" | "warn">
  /**
   * Functions that Lambda is not asked for: from an ARN to an `http://` or `https://` URL, or to the path of a module. An ARN
   * without version or alias stands for all of them that are not named themselves.
   */
  readonly mapped: ReadonlyMap<string, string>
  /** What a function that is mapped may take. */
  readonly timeoutMs: number
  /** What the objects of a module may take in each of its processes, and as much again its buffers. */
  readonly memoryBytesMax: number
  /** Where Lambda's API is; without it there are only functions that are mapped. */
  readonly lambda: { readonly endpoint: string; readonly region: string } | undefined
}

/** Functions as the settings say where each of them runs. What fails is also told in the log. */
export function createFunctions(options: FunctionsOptions): Functions {
  const { clock, logger, mapped, lambda } = options
  const targets = new Map([...mapped].map(([arn, target]) => [arn, open(target, options)]))
  const others = lambda === undefined ? failingTarget(notConfigured) : openLambdaApi(lambda)
  const warn = occasionalWarning({ clock, logger }, { message: "A function failed", countName: "failures" })

  function targetOf(arn: string): FunctionTarget {
    const unqualifiedArn = readFunctionArn(arn)?.unqualifiedArn ?? arn
    return targets.get(arn) ?? targets.get(unqualifiedArn) ?? others
  }

  return {
    async invoke(arn, payload, signal) {
      signal.throwIfAborted()
      const invocation = await targetOf(arn).invoke(arn, payload, signal)
      if (invocation.kind === "failed") {
        const { code, message, detail } = invocation
        warn({ function: arn, code, reason: detail ?? message })
      }
      return invocation
    },
    async close() {
      await Promise.all([...targets.values(), others].map((target) => target.close()))
    },
  }
}

function open(target: string, options: FunctionsOptions): FunctionTarget {
  return isFunctionUrl(target) ? new HttpFunction(target, options) : new LocalFunction(target, options)
}

const notConfigured = {
  ...failed("Lambda.ResourceNotFound"),
  message:
    "The Lambda function was not found: no setting says where it runs. Map its ARN to a module or an HTTP URL with functions, or set lambda-endpoint (AWS_ENDPOINT_URL_LAMBDA).",
}

import { qualifiedArn, readFunctionArn } from "../../functions/index.ts"
import type { Parameter, Parameters, ProcessedStream, ProcessorKind } from "../processor.ts"
import { LambdaProcessor } from "./lambda-processor.ts"

const mebibyte = 1024 * 1024
const defaults = { NumberOfRetries: "3", BufferSizeInMBs: "1", BufferIntervalInSeconds: "60" } as const
/** As they are described, whatever the order in which they were given. */
const order = ["LambdaArn", "NumberOfRetries", "RoleArn", "BufferSizeInMBs", "BufferIntervalInSeconds"]

/** Has a function say what becomes of records: spec/processing.md, sections 1 and 3. */
export const lambda: ProcessorKind = {
  type: "Lambda",
  parameterNames: order,
  check(parameters) {
    const arn = parameters.get("LambdaArn")
    if (arn === undefined) return "LambdaArn is required when Lambda processor is used."
    if (readFunctionArn(arn) === undefined) return "Invalid lambda ARN."
    if (!isWithin(parameters, "NumberOfRetries", { min: 0, max: 300, form: whole })) {
      return "Number of retries for lambda must be between 0 and 300."
    }
    if (!isWithin(parameters, "BufferSizeInMBs", { min: 0.2, max: 3, form: decimal })) {
      return "BufferSizeInMBs for lambda processor must be between 0.2 and 3."
    }
    if (!isWithin(parameters, "BufferIntervalInSeconds", { min: 0, max: 900, form: whole })) {
      return "BufferIntervalInSeconds for lambda processor must be between 0 and 900."
    }
    if (parameters.has("BufferSizeInMBs") === parameters.has("BufferIntervalInSeconds")) return undefined
    return "Both BufferSizeInMBs and BufferIntervalInSeconds are required to configure buffering for lambda processor."
  },
  withDefaults(parameters, stream) {
    const all = [...parameters, ...missing(parameters, stream)]
    const inOrder = order.flatMap((name) => all.filter(({ ParameterName }) => ParameterName === name))
    return [...inOrder, ...all.filter(({ ParameterName }) => !order.includes(ParameterName))]
  },
  hints: (parameters) => ({
    sizeBytes: Math.round(numberOf(parameters, "BufferSizeInMBs") * mebibyte),
    intervalMs: numberOf(parameters, "BufferIntervalInSeconds") * 1000,
    waits: true,
  }),
  open(parameters, world) {
    const arn = parameters.get("LambdaArn")
    if (arn === undefined) throw new Error("A Lambda processor was stored without a LambdaArn")
    return new LambdaProcessor(
      {
        arn,
        shownArn: qualifiedArn(arn),
        retriesMax: numberOf(parameters, "NumberOfRetries"),
        batchBytesMax: Math.round(numberOf(parameters, "BufferSizeInMBs") * mebibyte),
      },
      world,
    )
  },
}

const whole = /^\d{1,9}$/
const decimal = /^\d{1,9}(\.\d{1,9})?$/

type NumberName = keyof typeof defaults

function isWithin(
  parameters: Parameters,
  name: NumberName,
  { min, max, form }: { readonly min: number; readonly max: number; readonly form: RegExp },
): boolean {
  const given = parameters.get(name)
  if (given === undefined) return true
  return form.test(given) && Number(given) >= min && Number(given) <= max
}

function numberOf(parameters: Parameters, name: NumberName): number {
  return Number(parameters.get(name) ?? defaults[name])
}

function missing(parameters: readonly Parameter[], { roleArn }: ProcessedStream): Parameter[] {
  return Object.entries({ ...defaults, RoleArn: roleArn })
    .filter(([name]) => parameters.every(({ ParameterName }) => ParameterName !== name))
    .map(([ParameterName, ParameterValue]) => ({ ParameterName, ParameterValue }))
}

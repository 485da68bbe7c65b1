import type { Functions, Invocation } from "../../functions/index.ts"
import { SimulatedClock } from "../../platform/simulated/index.ts"
import { openChain } from "../chain.ts"
import type { Chunk, Processed, ProcessorWorld } from "../processor.ts"
import { chunkOf, configured, startMs, worldWith } from "../testing.ts"

export const arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders"

/** What a function is sent. */
export interface LambdaEvent {
  readonly invocationId: string
  readonly deliveryStreamArn: string
  readonly region: string
  readonly records: readonly {
    readonly recordId: string
    readonly approximateArrivalTimestamp: number
    readonly data: string
  }[]
}

/** A function's answer: a value to be returned as JSON, or a whole invocation. */
export type Answer = (event: LambdaEvent, signal: AbortSignal) => unknown

/** Runs one function, given as code, and keeps what it was sent. */
export function functionsOf(
  answer: Answer,
): Functions & { readonly events: readonly LambdaEvent[]; readonly arns: readonly string[] } {
  const events: LambdaEvent[] = []
  const arns: string[] = []
  return {
    events,
    arns,
    async invoke(invoked, payload, signal) {
      const event: LambdaEvent = JSON.parse(Buffer.from(payload).toString())
      events.push(event)
      arns.push(invoked)
      const answered = await answer(event, signal)
      return isInvocation(answered) ? answered : returned(JSON.stringify(answered) ?? "null")
    },
    close: async () => {},
  }
}

function isInvocation(answered: unknown): answered is Invocation {
  return typeof answered === "object" && answered !== null && "kind" in answered
}

export function returned(json: string): Invocation {
  return { kind: "returned", payload: Buffer.from(json) }
}

export const functionError: Invocation = { kind: "failed", code: "Lambda.FunctionError", message: "It failed." }

interface Given {
  readonly parameters?: Readonly<Record<string, string>>
  readonly world?: Partial<ProcessorWorld>
  readonly signal?: AbortSignal
  readonly before?: Parameters<typeof openChain>[0]
}

/** Puts records through a Lambda processor whose function is `answer`, in simulated time. */
export async function processBy(answer: Answer, datas: readonly (string | Uint8Array)[] | Chunk, given: Given = {}) {
  const { parameters = {}, world, signal = new AbortController().signal, before = [] } = given
  const functions = functionsOf(answer)
  const clock = new SimulatedClock(startMs)
  const steps = [...before, configured("Lambda", { LambdaArn: arn, ...parameters })]
  const chain = openChain(steps, worldWith({ clock, functions, ...world }))
  const chunk = "sources" in datas ? datas : chunkOf(...datas)
  const processed: Processed = await clock.run(chain.process(chunk, signal))
  return { processed, functions, elapsedMs: clock.elapsed() }
}

export const base64 = (text: string) => Buffer.from(text).toString("base64")
export const plain = (text: string) => Buffer.from(text, "base64").toString()

/** What the tests of processors have in common. */
import { createSimulatedRandom, SimulatedClock } from "../platform/simulated/index.ts"
import { openChain } from "./chain.ts"
import type { ConfiguredProcessor } from "./configuration.ts"
import type { JqEngine } from "./jq/index.ts"
import type { Chunk, Processed, ProcessorType, ProcessorWorld } from "./processor.ts"

export const startMs = Date.UTC(2026, 6, 13, 15, 30)
const notAsked = () => Promise.reject(new Error("Nothing else was to be asked"))

/** One element of ProcessingConfiguration.Processors. */
export function configured(
  Type: ProcessorType,
  parameters: Readonly<Record<string, string>> = {},
): ConfiguredProcessor {
  const Parameters = Object.entries(parameters).map(([ParameterName, ParameterValue]) => ({
    ParameterName,
    ParameterValue,
  }))
  return { Type, Parameters }
}

/** A world in which nothing but what is given works. */
export function worldWith(
  given: Partial<ProcessorWorld> = {},
): ProcessorWorld & { readonly warnings: readonly object[] } {
  const warnings: object[] = []
  return {
    clock: new SimulatedClock(startMs),
    random: createSimulatedRandom(1),
    logger: { warn: (fields: object) => void warnings.push(fields) },
    functions: { invoke: notAsked, close: async () => {} },
    jq: { run: notAsked, close: async () => {} } satisfies JqEngine,
    extensions: { oneToMany: false },
    ...given,
    warnings,
  }
}

export function chunkOf(...datas: readonly (Uint8Array | string)[]): Chunk {
  const arn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/clicks"
  const sources = datas.map((data, index) => ({
    data: typeof data === "string" ? Buffer.from(data) : data,
    arrivalMs: startMs + index,
    id: `record-${index}`,
  }))
  return { sources, stream: { arn, region: "eu-west-1" } }
}

/** Puts records through the processors. */
export function process(
  processors: readonly ConfiguredProcessor[],
  datas: readonly (Uint8Array | string)[],
  world: ProcessorWorld = worldWith(),
): Promise<Processed> {
  return openChain(processors, world).process(chunkOf(...datas), new AbortController().signal)
}

/** What is left of each record, as `SOURCE:TEXT`. */
export function texts({ records }: Processed): readonly string[] {
  return records.map(({ source, data }) => `${source}:${Buffer.from(data).toString()}`)
}

/** The rules of a stream's list of processors: spec/processing.md, section 1. */
import type { Parameter, Parameters, ProcessedStream, ProcessorKind, ProcessorType } from "./processor.ts"
import { processors } from "./processors.ts"

/** One element of ProcessingConfiguration.Processors. */
export interface ConfiguredProcessor {
  readonly Type: ProcessorType
  readonly Parameters?: readonly Parameter[]
}

/** What rules of processors look at beside the processors themselves. */
export type StreamFacts = Omit<ProcessedStream, "types">

const processorsMax = 5

/**
 * What is wrong with the processors of a stream, as the text of an InvalidArgumentException. `configured`: undefined when
 * processing is off.
 */
export function checkProcessors(
  configured: readonly ConfiguredProcessor[] | undefined,
  facts: StreamFacts,
): string | undefined {
  if (configured === undefined) return checkKeys({ ...facts, types: new Set() })
  if (configured.length === 0 || configured.length > processorsMax) {
    return "A maximum of 5 and a minimum of 1 processor needs to be supplied when processing is enabled."
  }
  const stream = { ...facts, types: new Set(configured.map(({ Type }) => Type)) }
  if (configured.some(hasDuplicates)) return "Duplicate ProcessorParameter passed to ProcessingConfiguration."
  for (const one of configured) {
    const message = kindOf(one).check(parametersOf(one), stream) ?? checkNames(one)
    if (message !== undefined) return message
  }
  return checkCounts(configured) ?? checkKeys(stream)
}

/** The processors as they are described: with the parameters that the service fills in. */
export function withProcessorDefaults(
  configured: readonly ConfiguredProcessor[],
  facts: StreamFacts,
): readonly ConfiguredProcessor[] {
  const stream = { ...facts, types: new Set(configured.map(({ Type }) => Type)) }
  return configured.map((one) => {
    const Parameters = kindOf(one).withDefaults(one.Parameters ?? [], stream)
    return one.Parameters === undefined && Parameters.length === 0 ? one : { ...one, Parameters }
  })
}

export function parametersOf({ Parameters = [] }: ConfiguredProcessor): Parameters {
  return new Map(Parameters.map(({ ParameterName, ParameterValue }) => [ParameterName, ParameterValue]))
}

function kindOf({ Type }: ConfiguredProcessor): ProcessorKind {
  const found = processors.find(({ type }) => type === Type)
  if (found === undefined) throw new Error(`There is no processor "${Type}"`)
  return found
}

function hasDuplicates(one: ConfiguredProcessor): boolean {
  return parametersOf(one).size < (one.Parameters?.length ?? 0)
}

/** What a processor does not know it would ignore. The service's own words are not known. */
function checkNames(one: ConfiguredProcessor): string | undefined {
  const { type, parameterNames } = kindOf(one)
  const unknown = one.Parameters?.find(({ ParameterName }) => !parameterNames.includes(ParameterName))
  return unknown && `${unknown.ParameterName} is not a parameter of the ${type} processor`
}

/** The service's words for Lambda; for the others it is not known what it does with two of them. */
function checkCounts(configured: readonly ConfiguredProcessor[]): string | undefined {
  const repeated = configured.find(({ Type }, index) => configured.findIndex((one) => one.Type === Type) < index)
  return repeated && `Cannot have more than 1 ${repeated.Type} processor.`
}

/** Without the processor that finds them, no record would have the keys that the prefix asks for. */
function checkKeys({ types, prefixQueryKeys }: ProcessedStream): string | undefined {
  if (prefixQueryKeys.size === 0 || types.has("MetadataExtraction")) return undefined
  return "MetadataExtraction processor should be present when S3 Prefix has partitionKeyFromQuery namespace."
}

import {
  type ConfiguredProcessor,
  checkProcessors,
  type StreamFacts,
  withProcessorDefaults,
} from "../../processors/index.ts"
import { boolean, enumeration, list, optional, string, structure, type TypeOf } from "../../shapes/index.ts"

/** In the order of the service's message: spec/processing.md, section 1. */
const processorType = enumeration("What the processor does.", [
  "Decompression",
  "Lambda",
  "RecordDeAggregation",
  "MetadataExtraction",
  "AppendDelimiterToRecord",
  "CloudWatchLogProcessing",
])

/** In the order of the service's message. */
const processorParameterName = enumeration("Which parameter it is.", [
  "DataMessageExtraction",
  "NumberOfRetries",
  "Delimiter",
  "RoleArn",
  "JsonParsingEngine",
  "SubRecordType",
  "MetadataExtractionQuery",
  "BufferIntervalInSeconds",
  "LambdaArn",
  "BufferSizeInMBs",
  "CompressionFormat",
])

const processorParameter = structure("One parameter of a processor.", {
  ParameterName: processorParameterName,
  ParameterValue: string("Always a text, for numbers too.", {
    lengthMin: 1,
    lengthMax: 5120,
    pattern: "^(?!\\s*$).+",
  }),
})

/** What happens to records before they are delivered: spec/processing.md, section 1. */
export const processingConfiguration = structure("What happens to records before they are delivered.", {
  Enabled: optional(boolean("False when absent.")),
  Processors: optional(
    list(
      "Applied one after the other.",
      structure("One step.", {
        Type: processorType,
        Parameters: optional(list("Its parameters.", processorParameter)),
      }),
    ),
  ),
})

type ProcessingConfiguration = TypeOf<typeof processingConfiguration>

/** What is wrong with the processors, as the text of an InvalidArgumentException. Those that are off may be anything. */
export function checkProcessing(
  configuration: ProcessingConfiguration | undefined,
  facts: StreamFacts,
): string | undefined {
  return checkProcessors(processorsOf(configuration), facts)
}

/** With the parameters that the service fills in. Processors that are off are described as they were given. */
export function withProcessingDefaults(configuration: ProcessingConfiguration, facts: StreamFacts) {
  const processors = processorsOf(configuration)
  if (processors === undefined) return configuration
  // The catalog takes plain JSON: members that are copied, not what an interface promises.
  const Processors = withProcessorDefaults(processors, facts).map(({ Type, Parameters }) => ({
    Type,
    ...(Parameters && { Parameters: Parameters.map((one) => ({ ...one })) }),
  }))
  return { ...configuration, Processors }
}

/** Those that records go through; undefined when processing is off. */
function processorsOf(configuration: ProcessingConfiguration | undefined): readonly ConfiguredProcessor[] | undefined {
  return configuration?.Enabled === true ? (configuration.Processors ?? []) : undefined
}

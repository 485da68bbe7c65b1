import { boolean, enumeration, list, optional, string, structure } from "../../shapes/index.ts"

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

import type { ExtendedS3DestinationConfiguration } from "@aws-sdk/client-firehose"
import { recordBytes, recordsPerBatch } from "./records.ts"

/** JSON records of `recordBytes` each, of so many customers in turn: a batch full of them. */
export function customerRecords(customerCount: number): readonly Buffer[] {
  return Array.from({ length: recordsPerBatch }, (_, index) => {
    const start = `{"customer":"c${index % customerCount}","pad":"`
    return Buffer.from(`${start.padEnd(recordBytes - 3, "x")}"}\n`)
  })
}

/** A stream whose records jq tells apart by their customer. */
export function byCustomer(name: string): Partial<ExtendedS3DestinationConfiguration> {
  return {
    BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 900 },
    Prefix: `${name}/customer=!{partitionKeyFromQuery:customer}/`,
    ErrorOutputPrefix: `${name}-errors/!{firehose:error-output-type}/`,
    DynamicPartitioningConfiguration: { Enabled: true },
    ProcessingConfiguration: {
      Enabled: true,
      Processors: [
        {
          Type: "MetadataExtraction",
          Parameters: [
            { ParameterName: "MetadataExtractionQuery", ParameterValue: "{customer:.customer}" },
            { ParameterName: "JsonParsingEngine", ParameterValue: "JQ-1.6" },
          ],
        },
      ],
    },
  }
}

/** A stream with one processor. */
export function processedBy(
  Type: "AppendDelimiterToRecord" | "Lambda",
  parameters: Readonly<Record<string, string>> = {},
): Partial<ExtendedS3DestinationConfiguration> {
  const Parameters = Object.entries(parameters).map(([ParameterName, ParameterValue]) => ({
    ParameterName: ParameterName as "LambdaArn",
    ParameterValue,
  }))
  return { ProcessingConfiguration: { Enabled: true, Processors: [{ Type, Parameters }] } }
}

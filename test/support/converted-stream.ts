import path from "node:path"
import type { ExtendedS3DestinationConfiguration } from "@aws-sdk/client-firehose"

/**
 * A stream whose records a function makes JSON of (wrapping-function.ts), some of it wrong, and that are converted to Parquet: a
 * row holds a record.
 */
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:wrapping"
const roleArn = "arn:aws:iam::000000000000:role/delivery"

/** The server's flags for its function and its table. */
export const convertedFlags = [
  "--functions",
  `${functionArn}=${path.join(import.meta.dirname, "wrapping-function.js")}`,
  "--tables-folder",
  path.join(import.meta.dirname, "..", "..", "..", "test", "fixtures", "tables"),
] as const

export const convertedStream = {
  BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 0 },
  Prefix: "rows/",
  ErrorOutputPrefix: "errors/!{firehose:error-output-type}/",
  ProcessingConfiguration: {
    Enabled: true,
    Processors: [
      {
        Type: "Lambda",
        Parameters: [
          { ParameterName: "LambdaArn", ParameterValue: functionArn },
          { ParameterName: "BufferSizeInMBs", ParameterValue: "0.2" },
          { ParameterName: "BufferIntervalInSeconds", ParameterValue: "0" },
        ],
      },
    ],
  },
  DataFormatConversionConfiguration: {
    SchemaConfiguration: { RoleARN: roleArn, DatabaseName: "lake", TableName: "records" },
    InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
    OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
  },
} satisfies Partial<ExtendedS3DestinationConfiguration>

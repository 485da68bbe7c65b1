import path from "node:path"
import type { ExtendedS3DestinationConfiguration } from "@aws-sdk/client-firehose"

/**
 * A stream that is partitioned by a function which answers differently each time (sorting-function.ts), with its source
 * records in a bucket of their own.
 */
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:sorting"
const roleArn = "arn:aws:iam::000000000000:role/delivery"

/** The server's flags for its function. */
export const sortingFlags = [
  "--functions",
  `${functionArn}=${path.join(import.meta.dirname, "sorting-function.js")}`,
] as const
export const sortedBackupBucket = "sorted-backup"

export function sortedPrefix(start: string): string {
  return `${start}!{partitionKeyFromLambda:color}/`
}

export const sortedStream = {
  BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
  Prefix: sortedPrefix("sorted/"),
  ErrorOutputPrefix: "errors/!{firehose:error-output-type}/",
  DynamicPartitioningConfiguration: { Enabled: true },
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
  S3BackupMode: "Enabled",
  S3BackupConfiguration: {
    RoleARN: roleArn,
    BucketARN: `arn:aws:s3:::${sortedBackupBucket}`,
    BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
  },
} satisfies Partial<ExtendedS3DestinationConfiguration>

import { fileURLToPath } from "node:url"
import {
  CreateDeliveryStreamCommand,
  type CreateDeliveryStreamCommandInput,
  DescribeDeliveryStreamCommand,
  type FirehoseClient,
  ResourceInUseException,
} from "@aws-sdk/client-firehose"
import { Interrupted } from "../failure.ts"
import type { CliWorld } from "../world.ts"
import { earthquakesTable } from "./table.ts"

const bucket = {
  RoleARN: "arn:aws:iam::000000000000:role/hydrant",
  BucketARN: "arn:aws:s3:::demo",
} as const

/** All earthquakes as they are. The buffer has room for a week of them, so that they become one object. */
export const plainStream = {
  DeliveryStreamName: "earthquakes",
  ExtendedS3DestinationConfiguration: {
    ...bucket,
    Prefix: "earthquakes/!{timestamp:yyyy/MM/dd}/",
    ErrorOutputPrefix: "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
    BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 60 },
    CompressionFormat: "GZIP",
  },
} satisfies CreateDeliveryStreamCommandInput

/** The function of `partitionedStream`: what it is called there, and the module that it is. */
export const regionFunction = {
  arn: "arn:aws:lambda:us-east-1:000000000000:function:earthquake-region",
  file: fileURLToPath(new URL("./region-function.js", import.meta.url)),
} as const

const magnitudeClass =
  "{magnitude: (.magnitude | " +
  'if . < 2 then "micro" elif . < 4 then "minor" elif . < 5 then "light" elif . < 6 then "moderate" else "strong" end)}'

/** Where the objects of `partitionedStream` begin: with their partitions, and with the kinds of errors. */
export const partitionsFolder = "by-region/"
export const partitionErrorsFolder = "by-region-errors/"

/**
 * Earthquakes by keys that are found in them: a function finds the region, a jq program the class of the magnitude. They are not
 * compressed, so that whoever looks around in the folders can read them.
 */
export const partitionedStream = byRegion("3")

/** The same for a preview, which is to tell at once when the function can't be run. */
export const previewedStream = byRegion("0")

function byRegion(numberOfRetries: string) {
  return {
    DeliveryStreamName: "earthquakes-by-region",
    ExtendedS3DestinationConfiguration: {
      ...bucket,
      Prefix: `${partitionsFolder}region=!{partitionKeyFromLambda:region}/magnitude=!{partitionKeyFromQuery:magnitude}/`,
      ErrorOutputPrefix: `${partitionErrorsFolder}!{firehose:error-output-type}/`,
      BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
      DynamicPartitioningConfiguration: { Enabled: true },
      ProcessingConfiguration: {
        Enabled: true,
        Processors: [
          {
            Type: "Lambda",
            Parameters: [
              { ParameterName: "LambdaArn", ParameterValue: regionFunction.arn },
              { ParameterName: "NumberOfRetries", ParameterValue: numberOfRetries },
              { ParameterName: "BufferSizeInMBs", ParameterValue: "1" },
              { ParameterName: "BufferIntervalInSeconds", ParameterValue: "0" },
            ],
          },
          {
            Type: "MetadataExtraction",
            Parameters: [
              { ParameterName: "MetadataExtractionQuery", ParameterValue: magnitudeClass },
              { ParameterName: "JsonParsingEngine", ParameterValue: "JQ-1.6" },
            ],
          },
          { Type: "AppendDelimiterToRecord" },
        ],
      },
    },
  } satisfies CreateDeliveryStreamCommandInput
}

/** Earthquakes as rows of `earthquakesTable`. */
export const rowsStream = {
  DeliveryStreamName: "earthquakes-as-rows",
  ExtendedS3DestinationConfiguration: {
    ...bucket,
    Prefix: "as-rows/day=!{timestamp:yyyy-MM-dd}/",
    ErrorOutputPrefix: "as-rows-errors/!{firehose:error-output-type}/",
    BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
    DataFormatConversionConfiguration: {
      SchemaConfiguration: {
        RoleARN: bucket.RoleARN,
        DatabaseName: earthquakesTable.database,
        TableName: earthquakesTable.name,
      },
      InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
      OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
    },
  },
} satisfies CreateDeliveryStreamCommandInput

/** Makes a stream and waits until it takes records. Answers false when there is one of its name already. */
export async function makeStream(
  { clock, interrupted }: Pick<CliWorld, "clock" | "interrupted">,
  client: FirehoseClient,
  stream: CreateDeliveryStreamCommandInput,
): Promise<boolean> {
  const { DeliveryStreamName } = stream
  try {
    await client.send(new CreateDeliveryStreamCommand(stream))
  } catch (error) {
    if (error instanceof ResourceInUseException) return false
    throw error
  }
  while (!interrupted.aborted) {
    const described = await client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }))
    if (described.DeliveryStreamDescription?.DeliveryStreamStatus === "ACTIVE") return true
    await clock.sleep(50, interrupted)
  }
  throw new Interrupted()
}

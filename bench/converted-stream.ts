import type { ExtendedS3DestinationConfiguration, Serializer } from "@aws-sdk/client-firehose"

/** The table that `customerRecords` are rows of. */
export const customersTable = {
  database: "bench",
  name: "customers",
  columns: { customer: "string", pad: "string" },
} as const

/** A stream whose records become files of columns, each of 128 MiB of them. */
export function convertedTo(serializer: Serializer): Partial<ExtendedS3DestinationConfiguration> {
  return {
    BufferingHints: { SizeInMBs: 128, IntervalInSeconds: 900 },
    DataFormatConversionConfiguration: {
      SchemaConfiguration: {
        RoleARN: "arn:aws:iam::000000000000:role/bench",
        DatabaseName: customersTable.database,
        TableName: customersTable.name,
      },
      InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
      OutputFormatConfiguration: { Serializer: serializer },
    },
  }
}

import type { SimulatedRandom } from "../../src/platform/simulated/index.ts"
import type { JsonObject } from "../../src/shapes/index.ts"

/** A stored S3 configuration whose records are converted; those that are no JSON fail. It is not checked as the API would. */
export function convertedConfiguration(stored: JsonObject, start: string, random: SimulatedRandom): JsonObject {
  const openX = { OpenXJsonSerDe: {} }
  const deserializer = random.chance(0.5) ? openX : { HiveJsonSerDe: {} }
  const serializer = random.chance(0.5)
    ? { ParquetSerDe: { Compression: random.choice(["UNCOMPRESSED", "SNAPPY", "GZIP"]) } }
    : { OrcSerDe: { Compression: random.choice(["NONE", "SNAPPY", "ZLIB"]) } }
  return {
    ErrorOutputPrefix: `${start}/errors/!{firehose:error-output-type}/`,
    ...stored,
    CompressionFormat: "UNCOMPRESSED",
    DataFormatConversionConfiguration: {
      Enabled: true,
      SchemaConfiguration: {
        RoleARN: "arn:aws:iam::000000000000:role/firehose",
        DatabaseName: "lake",
        TableName: "records",
        Region: "us-east-1",
        VersionId: "LATEST",
      },
      InputFormatConfiguration: { Deserializer: deserializer },
      OutputFormatConfiguration: { Serializer: serializer },
    },
  }
}

/** The same configuration, whose records are delivered as JSON. */
export function withoutConversion({ DataFormatConversionConfiguration: _, ...stored }: JsonObject): JsonObject {
  return stored
}

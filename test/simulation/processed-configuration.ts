import type { SimulatedRandom } from "../../src/platform/simulated/index.ts"
import type { JsonObject } from "../../src/shapes/index.ts"

/** Objects with source records begin with it, in place of the stream's prefix. */
export const backupPrefix = "backup/"

/**
 * A stored S3 configuration whose records go through a function; with or without dynamic partitioning and a backup. It is
 * not checked as the API would: small buffers are what a short simulation wants.
 */
export function processedConfiguration(
  stored: JsonObject,
  name: string,
  random: SimulatedRandom,
  mayBePartitioned = true,
): JsonObject {
  const isPartitioned = mayBePartitioned && random.chance(0.5)
  const prefix = isPartitioned ? `${name}/!{partitionKeyFromLambda:color}/!{timestamp:HH}/` : stored["Prefix"]
  return {
    ...stored,
    ...(prefix !== undefined && { Prefix: prefix }),
    ErrorOutputPrefix: `${name}/errors/!{firehose:error-output-type}/`,
    ProcessingConfiguration: {
      Enabled: true,
      Processors: [
        {
          Type: "Lambda",
          Parameters: [
            parameter("LambdaArn", "arn:aws:lambda:us-east-1:000000000000:function:color"),
            parameter("NumberOfRetries", String(random.integer(3))),
            parameter("BufferSizeInMBs", "0.2"),
            parameter("BufferIntervalInSeconds", String(random.choice([0, 5, 30]))),
          ],
        },
      ],
    },
    ...(isPartitioned && { DynamicPartitioningConfiguration: { Enabled: true } }),
    ...(random.chance(0.5) && !("S3BackupDescription" in stored) && backup(stored, name)),
  }
}

/** The same configuration, whose records are delivered as they came. */
export function withoutProcessing({ ProcessingConfiguration: _, ...stored }: JsonObject): JsonObject {
  return stored
}

function backup(stored: JsonObject, name: string): JsonObject {
  const { RoleARN, BufferingHints, CompressionFormat, EncryptionConfiguration } = stored
  return {
    S3BackupMode: "Enabled",
    S3BackupDescription: {
      RoleARN: RoleARN ?? null,
      BucketARN: "arn:aws:s3:::vault",
      Prefix: `${backupPrefix}${name}/`,
      BufferingHints: BufferingHints ?? null,
      CompressionFormat: CompressionFormat ?? null,
      EncryptionConfiguration: EncryptionConfiguration ?? null,
    },
  }
}

function parameter(ParameterName: string, ParameterValue: string): JsonObject {
  return { ParameterName, ParameterValue }
}

import { compression, compressions } from "../../formats/index.ts"
import { type ObjectEncryption, type ObjectNaming, type ObjectToName, objectNaming } from "../../objects/index.ts"
import type { Random } from "../../platform/index.ts"
import { openChain } from "../../processors/index.ts"
import { enumeration, type JsonObject, optional, string, structure } from "../../shapes/index.ts"
import type { BatchOutput, Destination, DestinationWorld, Extensions } from "../destination.ts"
import { bucketOf, errorLogTarget, readStored, toBuffering } from "../shapes/index.ts"
import { framed, framingOf } from "./framing.ts"
import { storedS3 } from "./shapes.ts"

/** Everything that names and shapes one object. */
const decisionShape = structure("An object that will be put.", {
  bucket: string("Its bucket's name."),
  key: string("Its key, evaluated: random strings and all."),
  compression: enumeration(
    "How it is compressed.",
    compressions.map(({ name }) => name),
  ),
  kmsKeyArn: optional(string("The key that it is encrypted with; absent when the bucket decides.")),
  uuid: string("The one in its key. A ZIP's entry is called the same."),
  framing: optional(enumeration("What stands between its records; absent for nothing.", ["lines", "array"])),
})

/** The destination that a stored configuration describes. */
export function openS3(
  stored: JsonObject,
  { objects, processors, random, workers }: DestinationWorld,
  extensions: Extensions,
): Destination {
  const configuration = readStored(storedS3, stored)
  const naming = objectNaming({
    prefix: configuration.Prefix,
    errorOutputPrefix: configuration.ErrorOutputPrefix,
    customTimeZone: configuration.CustomTimeZone,
    // The setting that allowed it may be gone since.
    isAnyTimeZone: true,
    isPartitioned: configuration.DynamicPartitioningConfiguration?.Enabled,
  })
  const { DynamicPartitioningConfiguration: partitioning, ProcessingConfiguration: processing } = configuration
  const chain = processing?.Enabled === true ? openChain(processing.Processors ?? [], processors) : undefined
  const partitionOf = partitioning?.Enabled === true ? naming.partitionOf : undefined
  const backup = configuration.S3BackupMode === "Enabled" ? configuration.S3BackupDescription : undefined
  const { CompressionFormat, FileExtension } = configuration
  const extension = FileExtension || compression(CompressionFormat).extension
  const kmsKeyArn = configuration.EncryptionConfiguration.KMSEncryptionConfig?.AWSKMSKeyARN
  return {
    buffering: toBuffering(configuration.BufferingHints),
    processing: chain === undefined && partitionOf === undefined ? undefined : { chain, partitionOf },
    backup: backup && { kind: "s3", configuration: backup },
    target: configuration.BucketARN,
    errorLog: errorLogTarget(configuration.CloudWatchLoggingOptions),
    decide({ purpose, output, streamName, streamVersion, oldestArrivalMs }) {
      const uuid = random.uuid()
      const framing = framingOf(purpose, output, FileExtension, extensions)
      const object = { streamName, streamVersion, instantMs: oldestArrivalMs, uuid, extension }
      return {
        bucket: bucketOf(configuration.BucketARN),
        key: keyOf(naming, output, object, random),
        compression: CompressionFormat,
        ...(kmsKeyArn !== undefined && { kmsKeyArn }),
        uuid,
        ...(framing !== undefined && { framing }),
      }
    },
    locationOf(decision) {
      const { bucket, key } = readStored(decisionShape, decision)
      return `s3://${bucket}/${key}`
    },
    async deliver(decision, batch, signal) {
      const { bucket, key, uuid, ...decided } = readStored(decisionShape, decision)
      const format = compression(decided.compression)
      const { contentEncoding } = format
      const outcome = await objects.put(
        {
          bucket,
          key,
          contentType: "application/octet-stream",
          ...(contentEncoding !== undefined && { contentEncoding }),
          encryption: encryptionWith(decided.kmsKeyArn),
          body: () => format.compress(framed(batch, decided.framing), { entryName: uuid, workers }),
        },
        signal,
      )
      if (outcome.kind === "stored") {
        return { kind: "delivered", location: `s3://${bucket}/${key}`, sizeBytes: outcome.sizeBytes }
      }
      const { mayBeStored, ...failure } = outcome
      return { ...failure, mayBeDelivered: mayBeStored }
    },
  }
}

function keyOf(
  naming: ObjectNaming,
  output: BatchOutput,
  object: ObjectToName & { readonly extension: string },
  random: Random,
): string {
  switch (output.kind) {
    case "data":
      return naming.dataKey(object, random)
    case "partition":
      return naming.partitionedKey(object, output.partition, random)
    case "failed":
      return naming.errorKey(object, output.type, random)
  }
}

function encryptionWith(kmsKeyArn: string | undefined): ObjectEncryption {
  return kmsKeyArn === undefined ? { kind: "bucket-default" } : { kind: "kms", keyArn: kmsKeyArn }
}

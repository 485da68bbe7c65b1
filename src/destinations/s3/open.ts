import { conversionMemoryBytes, openConversion } from "../../conversion/index.ts"
import { type ObjectEncryption, type ObjectNaming, type ObjectToName, objectNaming } from "../../objects/index.ts"
import type { Random } from "../../platform/index.ts"
import { openChain } from "../../processors/index.ts"
import { type JsonObject, optional, string, structure } from "../../shapes/index.ts"
import type { BatchOutput, Destination, DestinationWorld, Extensions } from "../destination.ts"
import { bucketOf, conversionOf, errorLogTarget, readStored, toBuffering } from "../shapes/index.ts"
import { contentOf, decidedContent, extensionOf } from "./content.ts"
import { framingOf } from "./framing.ts"
import { storedS3 } from "./shapes.ts"

/** Everything that names and shapes one object. */
const decisionShape = structure("An object that will be put.", {
  bucket: string("Its bucket's name."),
  key: string("Its key, evaluated: random strings and all."),
  kmsKeyArn: optional(string("The key that it is encrypted with; absent when the bucket decides.")),
  ...decidedContent,
})

/** The destination that a stored configuration describes. */
export function openS3(
  stored: JsonObject,
  { objects, processors, random, rowSchemas, tables, workers }: DestinationWorld,
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
  const conversion = conversionOf(configuration.DataFormatConversionConfiguration)
  const outputFormat = configuration.DataFormatConversionConfiguration?.OutputFormatConfiguration
  /** Records that passed a check are delivered as they are when the stream's conversion was turned off since. */
  const conversionDecided = (output: BatchOutput) => {
    if (output.kind === "failed" || output.rows === undefined) return undefined
    if (conversion === undefined || outputFormat === undefined) return undefined
    return { rows: output.rows, output: outputFormat }
  }
  const backup = configuration.S3BackupMode === "Enabled" ? configuration.S3BackupDescription : undefined
  const { CompressionFormat, FileExtension } = configuration
  const kmsKeyArn = configuration.EncryptionConfiguration.KMSEncryptionConfig?.AWSKMSKeyARN
  return {
    buffering: toBuffering(configuration.BufferingHints),
    processing:
      chain === undefined && partitionOf === undefined && conversion === undefined
        ? undefined
        : { chain, partitionOf, conversion: conversion && openConversion(conversion, { tables, rowSchemas }) },
    backup: backup && { kind: "s3", configuration: backup },
    target: configuration.BucketARN,
    errorLog: errorLogTarget(configuration.CloudWatchLoggingOptions),
    decide({ purpose, output, streamName, streamVersion, oldestArrivalMs }) {
      const uuid = random.uuid()
      const converting = conversionDecided(output)
      const content = { compression: CompressionFormat, ...(converting !== undefined && { conversion: converting }) }
      const extension = FileExtension || extensionOf(content)
      const framing = converting === undefined ? framingOf(purpose, output, FileExtension, extensions) : undefined
      const object = { streamName, streamVersion, instantMs: oldestArrivalMs, uuid, extension }
      return {
        bucket: bucketOf(configuration.BucketARN),
        key: keyOf(naming, output, object, random),
        ...(kmsKeyArn !== undefined && { kmsKeyArn }),
        uuid,
        ...content,
        ...(framing !== undefined && { framing }),
      }
    },
    locationOf(decision) {
      const { bucket, key } = readStored(decisionShape, decision)
      return `s3://${bucket}/${key}`
    },
    memoryBytes(decision, sizeBytes) {
      const { conversion } = readStored(decisionShape, decision)
      return conversion === undefined ? 0 : conversionMemoryBytes(sizeBytes)
    },
    async deliver(decision, batch, signal) {
      const decided = readStored(decisionShape, decision)
      const { bucket, key } = decided
      const { contentEncoding, body } = await contentOf(batch, decided, { rowSchemas, workers })
      const outcome = await objects.put(
        {
          bucket,
          key,
          contentType: "application/octet-stream",
          ...(contentEncoding !== undefined && { contentEncoding }),
          encryption: encryptionWith(decided.kmsKeyArn),
          body,
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

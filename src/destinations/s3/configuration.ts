import { queryKeysOf } from "../../objects/index.ts"
import { type JsonObject, readShape, type TypeOf } from "../../shapes/index.ts"
import type { Configured, Extensions } from "../destination.ts"
import {
  checkConversion,
  checkProcessing,
  checkS3,
  isConverted,
  isPartitioned,
  readStored,
  s3DestinationConfiguration,
  type s3DestinationUpdate,
  withConversionDefaults,
  withPartitioningDefaults,
  withProcessingDefaults,
  withS3Defaults,
} from "../shapes/index.ts"
import { type ExtendedS3Configuration, type ExtendedS3Description, type ExtendedS3Update, storedS3 } from "./shapes.ts"

/**
 * What is stored: an ExtendedS3 description, which is the configuration with every default filled in, whichever view it came
 * by. The S3 view shows the members that it has (spec/config-shapes.md, section 2.2).
 */
export function createS3(given: ExtendedS3Configuration, extensions: Extensions): Configured {
  const message = checkMembers(given, extensions)
  return message === undefined ? { kind: "valid", stored: described(given) } : { kind: "invalid", message }
}

/** Members that are given replace what is stored as a whole, but for the backup and conversion: spec/config-shapes.md, section 2.9. */
export function mergeS3(stored: JsonObject, given: ExtendedS3Update, extensions: Extensions): Configured {
  const before = readStored(storedS3, stored)
  const { S3BackupUpdate: backupUpdate, ...changes } = given
  const { S3BackupDescription: backupBefore, ...others } = before
  const backup = mergeBackup(backupBefore, backupUpdate)
  if (backup === "incomplete") return { kind: "invalid", message: backupMissing }
  const conversion = mergeConversion(before.DataFormatConversionConfiguration, given.DataFormatConversionConfiguration)
  const merged = {
    ...others,
    ...changes,
    ...(backup !== undefined && { S3BackupConfiguration: backup }),
    ...(conversion !== undefined && { DataFormatConversionConfiguration: conversion }),
  }
  const message = checkChanges(before, merged)
  return message === undefined ? createS3(merged, extensions) : { kind: "invalid", message }
}

const backupMissing = "S3 backup destination configuration is required when enabling S3 backup."

/** The rules between members: spec/format-conversion.md and spec/processing.md, section 1, and spec/s3.md, sections 2 and 6. */
function checkMembers(given: ExtendedS3Configuration, extensions: Extensions): string | undefined {
  return (
    checkConversion(given.DataFormatConversionConfiguration, given) ??
    checkS3(given, useOf(given), extensions) ??
    checkProcessing(given.ProcessingConfiguration, factsOf(given)) ??
    (given.S3BackupConfiguration === undefined
      ? undefined
      : checkS3(given.S3BackupConfiguration, "backup", extensions)) ??
    (given.S3BackupMode === "Enabled" && given.S3BackupConfiguration === undefined ? backupMissing : undefined)
  )
}

/** What can't change once a stream exists. The service's own words are not known. */
function checkChanges(before: ExtendedS3Description, after: ExtendedS3Configuration): string | undefined {
  const wasPartitioned = isPartitioned(before.DynamicPartitioningConfiguration)
  if (isPartitioned(after.DynamicPartitioningConfiguration) !== wasPartitioned) {
    return wasPartitioned
      ? "Dynamic Partitioning cannot be disabled once it is enabled."
      : "Dynamic Partitioning can only be enabled when the delivery stream is created."
  }
  if (before.S3BackupMode === "Enabled" && after.S3BackupMode === "Disabled") {
    return "S3 backup cannot be disabled once it is enabled."
  }
  return undefined
}

function described(given: ExtendedS3Configuration): JsonObject {
  const {
    ProcessingConfiguration: processing,
    DynamicPartitioningConfiguration: partitioning,
    DataFormatConversionConfiguration: conversion,
    S3BackupConfiguration: backup,
    ...members
  } = given
  return {
    ...withS3Defaults(members, useOf(given)),
    S3BackupMode: given.S3BackupMode ?? "Disabled",
    ...(processing && { ProcessingConfiguration: withProcessingDefaults(processing, factsOf(given)) }),
    ...(partitioning && { DynamicPartitioningConfiguration: withPartitioningDefaults(partitioning) }),
    ...(conversion && { DataFormatConversionConfiguration: withConversionDefaults(conversion) }),
    ...(backup && { S3BackupDescription: withS3Defaults(backup, "backup") }),
  }
}

/** What processors are held against. */
function factsOf(given: ExtendedS3Configuration) {
  return {
    isPartitioned: isPartitioned(given.DynamicPartitioningConfiguration),
    prefixQueryKeys: queryKeysOf(given.Prefix),
    roleArn: given.RoleARN,
  }
}

function useOf(given: ExtendedS3Configuration) {
  if (isPartitioned(given.DynamicPartitioningConfiguration)) return "partitioned"
  return isConverted(given.DataFormatConversionConfiguration) ? "converted" : "destination"
}

type ConversionConfiguration = ExtendedS3Configuration["DataFormatConversionConfiguration"]

/** Member by member, unlike other structures: spec/format-conversion.md, section 1. */
function mergeConversion(before: ConversionConfiguration, update: ConversionConfiguration): ConversionConfiguration {
  return update === undefined ? before : { ...before, ...update }
}

/** Member by member. "incomplete" when there was none before and the update is not enough for one. */
function mergeBackup(
  before: ExtendedS3Description["S3BackupDescription"],
  update: TypeOf<typeof s3DestinationUpdate> | undefined,
) {
  if (update === undefined) return before
  const merged = readShape(s3DestinationConfiguration, { ...before, ...update })
  return merged.kind === "read" ? merged.value : "incomplete"
}

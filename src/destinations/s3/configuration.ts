import type { JsonObject } from "../../shapes/index.ts"
import type { Configured } from "../destination.ts"
import { checkS3, readStored, withS3Defaults } from "../shapes/index.ts"
import { type ExtendedS3Configuration, type ExtendedS3Update, extendedS3Configuration } from "./shapes.ts"

/**
 * What is stored: an ExtendedS3 configuration with every default filled in, whichever view it came by. The S3 view shows
 * the members that it has (spec/config-shapes.md, section 2.2).
 */
export function createS3(given: ExtendedS3Configuration): Configured {
  const message = unsupported(given) ?? checkS3(given)
  if (message !== undefined) return { kind: "invalid", message }
  return { kind: "valid", stored: { ...withS3Defaults(given), S3BackupMode: given.S3BackupMode ?? "Disabled" } }
}

/** Members that are given replace what is stored as a whole: spec/config-shapes.md, section 2.9. */
export function mergeS3(stored: JsonObject, given: ExtendedS3Update): Configured {
  const { S3BackupUpdate: backup, ...changes } = given
  if (backup !== undefined) return { kind: "invalid", message: notSupported("S3BackupUpdate") }
  return createS3({ ...readStored(extendedS3Configuration, stored), ...changes })
}

/**
 * What this version can't do yet is refused by name, so that nothing is accepted and then ignored. The disabled forms, which
 * Terraform always sends, are stored and described (spec/clients.md, section 5).
 */
function unsupported(given: ExtendedS3Configuration): string | undefined {
  if (given.ProcessingConfiguration?.Enabled === true) return notSupported("ProcessingConfiguration with Enabled true")
  if (given.S3BackupMode === "Enabled") return notSupported("S3BackupMode Enabled")
  if (given.S3BackupConfiguration !== undefined) return notSupported("S3BackupConfiguration")
  const { DataFormatConversionConfiguration: conversion, DynamicPartitioningConfiguration: partitioning } = given
  // Unlike the others, conversion is on when it is given without Enabled.
  if (conversion !== undefined && conversion.Enabled !== false) {
    return notSupported("DataFormatConversionConfiguration with Enabled true or absent")
  }
  if (partitioning?.Enabled === true) return notSupported("DynamicPartitioningConfiguration with Enabled true")
  return undefined
}

function notSupported(what: string): string {
  return `${what} is not supported by this version of Hydrant`
}

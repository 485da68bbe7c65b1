import { compressions } from "../../formats/index.ts"
import { checkNaming } from "../../objects/index.ts"
import { enumeration, optional, string, structure, type TypeOf } from "../../shapes/index.ts"
import type { Extensions } from "../destination.ts"
import { bucketArn, roleArn } from "./arns.ts"
import { type BufferingRules, bufferingHints, checkBufferingHints } from "./buffering-hints.ts"
import { conversionBuffering } from "./check-conversion.ts"
import { checkCloudWatchLogging, cloudWatchLoggingOptions } from "./cloudwatch-logging.ts"
import { checkEncryption, encryptionConfiguration } from "./encryption.ts"

const prefix = { lengthMin: 0, lengthMax: 1024, pattern: ".*" }
const s3BufferingHints = bufferingHints({ sizeInMBsMax: 128, intervalInSecondsMax: 900 })
const compressionFormat = enumeration(
  "How objects are compressed; UNCOMPRESSED when absent.",
  compressions.map(({ name }) => name),
)

const prefixes = {
  Prefix: optional(string("What objects' keys begin with; may hold !{...} expressions.", prefix)),
  ErrorOutputPrefix: optional(string("The same for objects with failed records.", prefix)),
}

/** The members that may be left out when a bucket is configured, in the model's order. */
const s3OptionalMembers = {
  ...prefixes,
  BufferingHints: optional(s3BufferingHints),
  CompressionFormat: optional(compressionFormat),
  EncryptionConfiguration: optional(encryptionConfiguration),
  CloudWatchLoggingOptions: optional(cloudWatchLoggingOptions),
}

/** The members that describe a bucket, whose defaults are filled in, in the model's order. */
const s3DescribedMembers = {
  RoleARN: roleArn,
  BucketARN: bucketArn,
  ...prefixes,
  BufferingHints: s3BufferingHints,
  CompressionFormat: compressionFormat,
  EncryptionConfiguration: encryptionConfiguration,
  CloudWatchLoggingOptions: optional(cloudWatchLoggingOptions),
}

/**
 * The S3 shapes: a destination of its own, and the place for backups and failed records inside all others
 * (spec/config-shapes.md, section 3.2).
 */
export const s3DestinationConfiguration = structure("A bucket, and how objects are put in it.", {
  RoleARN: roleArn,
  BucketARN: bucketArn,
  ...s3OptionalMembers,
})
export const s3DestinationUpdate = structure("What changes of a bucket: absent members are kept.", {
  RoleARN: optional(roleArn),
  BucketARN: optional(bucketArn),
  ...s3OptionalMembers,
})
export const s3DestinationDescription = structure("A bucket with every default.", s3DescribedMembers)

type S3Configuration = TypeOf<typeof s3DestinationConfiguration>

/** What a bucket is for: each has its own limits and defaults of buffering (spec/buffering.md, section 2). */
export type S3Use = keyof typeof bufferingRules

const bufferingRules = {
  destination: {
    sizeInMBsMin: 1,
    intervalInSecondsMin: 0,
    when: "records are delivered to S3",
    defaults: { SizeInMBs: 5, IntervalInSeconds: 300 },
  },
  partitioned: {
    sizeInMBsMin: 64,
    intervalInSecondsMin: 60,
    when: "Dynamic Partitioning is enabled",
    defaults: { SizeInMBs: 128, IntervalInSeconds: 300 },
  },
  converted: conversionBuffering,
  backup: {
    sizeInMBsMin: 1,
    intervalInSecondsMin: 60,
    when: "records are backed up to S3",
    defaults: { SizeInMBs: 5, IntervalInSeconds: 300 },
  },
} as const satisfies Readonly<Record<string, BufferingRules>>

/** What is wrong between the members of a configuration, as the text of an InvalidArgumentException. */
export function checkS3(
  configuration: S3Configuration & { readonly CustomTimeZone?: string },
  use: S3Use,
  extensions: Extensions,
): string | undefined {
  const isAnySize = use === "partitioned" && extensions.has("small-partitions")
  return (
    checkBufferingHints(configuration.BufferingHints, bufferingRules[isAnySize ? "destination" : use]) ??
    checkEncryption(configuration.EncryptionConfiguration) ??
    checkCloudWatchLogging(configuration.CloudWatchLoggingOptions) ??
    checkNaming({
      prefix: configuration.Prefix,
      errorOutputPrefix: configuration.ErrorOutputPrefix,
      customTimeZone: configuration.CustomTimeZone,
      isAnyTimeZone: extensions.has("iana-time-zones"),
      isPartitioned: use === "partitioned",
    })
  )
}

/** The configuration with the defaults that a description shows: spec/config-shapes.md, section 2.4. */
export function withS3Defaults<C extends S3Configuration>(configuration: C, use: S3Use) {
  const { EncryptionConfiguration: encryption } = configuration
  return {
    ...configuration,
    BufferingHints: { ...bufferingRules[use].defaults, ...configuration.BufferingHints },
    CompressionFormat: configuration.CompressionFormat ?? ("UNCOMPRESSED" as const),
    EncryptionConfiguration:
      encryption?.KMSEncryptionConfig === undefined ? { NoEncryptionConfig: "NoEncryption" as const } : encryption,
    CloudWatchLoggingOptions: { Enabled: false, ...configuration.CloudWatchLoggingOptions },
  }
}

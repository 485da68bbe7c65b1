import { enumeration, optional, string, structure, type TypeOf } from "../../shapes/index.ts"
import {
  dataFormatConversionConfiguration,
  dynamicPartitioningConfiguration,
  processingConfiguration,
  s3DestinationConfiguration,
  s3DestinationDescription,
  s3DestinationUpdate,
} from "../shapes/index.ts"

const processing = { ProcessingConfiguration: optional(processingConfiguration) }

const backupMode = {
  S3BackupMode: optional(enumeration("Whether source records are kept too.", ["Disabled", "Enabled"])),
}

const conversion = {
  DataFormatConversionConfiguration: optional(dataFormatConversionConfiguration),
  DynamicPartitioningConfiguration: optional(dynamicPartitioningConfiguration),
  FileExtension: optional(
    string("What objects' keys end with, in place of the compression's extension.", {
      lengthMin: 0,
      lengthMax: 128,
      // Means the same as the model's ^$|\.[0-9a-z!\-_.*'()]+ and is what the service's message says: spec/s3.md, section 4.
      pattern: "^(|\\.[0-9a-z!\\-_.*'()]+)$",
    }),
  ),
  CustomTimeZone: optional(
    string("The zone of times in keys; UTC when absent.", {
      lengthMin: 0,
      lengthMax: 50,
      pattern: "^$|[a-zA-Z/_]+",
    }),
  ),
}

/** The ExtendedS3 shapes: spec/config-shapes.md, section 3.1. The order of members is the model's. */
export const extendedS3Configuration = structure("A bucket, and how records become objects in it.", {
  ...s3DestinationConfiguration.members,
  ...processing,
  ...backupMode,
  S3BackupConfiguration: optional(s3DestinationConfiguration),
  ...conversion,
})
export const extendedS3Update = structure("What changes: absent members are kept.", {
  ...s3DestinationUpdate.members,
  ...processing,
  ...backupMode,
  S3BackupUpdate: optional(s3DestinationUpdate),
  ...conversion,
})
export const extendedS3Description = structure("The destination with every default.", {
  ...s3DestinationDescription.members,
  ...processing,
  ...backupMode,
  S3BackupDescription: optional(s3DestinationDescription),
  ...conversion,
})

/** Where the setting `iana-time-zones` allows any zone: names of those that AWS does not take have more characters. */
const anyTimeZone = {
  CustomTimeZone: optional(
    string("The zone of times in keys; UTC when absent.", {
      lengthMin: 0,
      lengthMax: 50,
      pattern: "^$|[a-zA-Z0-9/_+\\-]+",
    }),
  ),
}
export const anyZoneConfiguration = structure("A bucket, and how records become objects in it.", {
  ...extendedS3Configuration.members,
  ...anyTimeZone,
})
export const anyZoneUpdate = structure("What changes: absent members are kept.", {
  ...extendedS3Update.members,
  ...anyTimeZone,
})
/** What is stored: its zone may be any, since the setting that allowed it may be gone. */
export const storedS3 = structure("The destination with every default.", {
  ...extendedS3Description.members,
  ...anyTimeZone,
})

export type ExtendedS3Configuration = TypeOf<typeof extendedS3Configuration>
export type ExtendedS3Update = TypeOf<typeof extendedS3Update>
export type ExtendedS3Description = TypeOf<typeof extendedS3Description>

import type { JsonObject } from "../../shapes/index.ts"
import type { DestinationKind, Extensions } from "../destination.ts"
import {
  readStored,
  s3DestinationConfiguration,
  s3DestinationDescription,
  s3DestinationUpdate,
} from "../shapes/index.ts"
import { createS3, mergeS3 } from "./configuration.ts"
import { openS3 } from "./open.ts"
import {
  anyZoneConfiguration,
  anyZoneUpdate,
  type ExtendedS3Configuration,
  type ExtendedS3Update,
  extendedS3Configuration,
  extendedS3Description,
  extendedS3Update,
  storedS3,
} from "./shapes.ts"
import { verifyS3 } from "./verify.ts"

/** A bucket in which each batch becomes one object. The API shows it in two views: spec/config-shapes.md, section 2.2. */
export function s3(extensions: Extensions): DestinationKind {
  const isAnyZone = extensions.has("iana-time-zones")
  const create = (given: ExtendedS3Configuration) => createS3(given, extensions)
  const merge = (stored: JsonObject, given: ExtendedS3Update) => mergeS3(stored, given, extensions)
  return {
    name: "s3",
    metricsName: "DeliveryToS3",
    supports: { idempotent: true },
    views: [
      {
        configurationMember: "S3DestinationConfiguration",
        updateMember: "S3DestinationUpdate",
        descriptionMember: "S3DestinationDescription",
        configuration: s3DestinationConfiguration,
        update: s3DestinationUpdate,
        description: s3DestinationDescription,
        create,
        merge,
        describe: (stored) => readStored(s3DestinationDescription, stored),
      },
      {
        configurationMember: "ExtendedS3DestinationConfiguration",
        updateMember: "ExtendedS3DestinationUpdate",
        descriptionMember: "ExtendedS3DestinationDescription",
        configuration: isAnyZone ? anyZoneConfiguration : extendedS3Configuration,
        update: isAnyZone ? anyZoneUpdate : extendedS3Update,
        description: extendedS3Description,
        create,
        merge,
        describe: (stored) => readStored(storedS3, stored),
      },
    ],
    verify: verifyS3,
    open: (stored, world) => openS3(stored, world, extensions),
  }
}

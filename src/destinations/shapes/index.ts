/** Shapes that several destinations are configured with, and the rules between their members. */
export { bucketOf } from "./arns.ts"
export { toBuffering } from "./buffering-hints.ts"
export { checkConversion, isConverted, withConversionDefaults } from "./check-conversion.ts"
export { errorLogTarget } from "./cloudwatch-logging.ts"
export { conversionOf, outputFormatOf } from "./conversion.ts"
export { dataFormatConversionConfiguration, outputFormatConfiguration } from "./data-format-conversion.ts"
export { dynamicPartitioningConfiguration, isPartitioned, withPartitioningDefaults } from "./dynamic-partitioning.ts"
export { checkProcessing, processingConfiguration, withProcessingDefaults } from "./processing.ts"
export { readStored } from "./read-stored.ts"
export {
  checkS3,
  s3DestinationConfiguration,
  s3DestinationDescription,
  s3DestinationUpdate,
  withS3Defaults,
} from "./s3-destination.ts"

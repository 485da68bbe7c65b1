/** What is counted and logged of the batches of a partition. */
import type { DeliveryOutcome } from "../destinations/index.ts"
import type { Damage, KeyUnavailableError } from "../log/index.ts"
import type { TableError } from "../tables/index.ts"
import type { Decided } from "./checkpoint.ts"
import type { PartitionDeliveryOptions } from "./partition-options.ts"
import type { ChunkCount, SourceFailure } from "./source-failure.ts"

export type Delivered = DeliveryOutcome & { readonly kind: "delivered" }

/** `recordCount`: records of the batch that could be read, and so are in what was delivered. */
export function reportDelivered(
  { clock, kindOf, logger, metrics, route, stream }: PartitionDeliveryOptions,
  { destination, output, sizeBytes, sourceBytes, oldestArrivalMs }: Decided,
  { location, sizeBytes: storedBytes }: Delivered,
  recordCount: number,
): void {
  const { name } = stream()
  if (output.kind === "failed") {
    metrics.add("Hydrant.FailedRecords", name, recordCount)
  } else if (route.purpose === "backup") {
    metrics.add("BackupToS3.Bytes", name, sourceBytes)
    metrics.add("BackupToS3.Records", name, recordCount)
    metrics.add("BackupToS3.Success", name, 1)
  } else {
    const { metricsName } = kindOf(destination)
    metrics.add(`${metricsName}.Bytes`, name, sourceBytes)
    metrics.add(`${metricsName}.Records`, name, recordCount)
    metrics.add(`${metricsName}.Success`, name, 1)
    metrics.add(`${metricsName}.ObjectCount`, name, 1)
  }
  const ageMs = clock.now() - oldestArrivalMs
  if (output.kind === "failed")
    logger.warn({ location, recordCount, type: output.type }, "Records failed and were put in the error output")
  else logger.info({ location, recordCount, sizeBytes, storedBytes, ageMs }, "Delivered")
}

/** An attempt that failed and will be repeated; the stream's owner is told too, if they asked for it. */
export function reportFailure(
  { errorLog, logger, metrics, openDestination, stream }: PartitionDeliveryOptions,
  { destination: stored, recordCount, streamVersion: deliveryStreamVersionId }: Decided,
  { code, message }: DeliveryOutcome & { readonly kind: "later" },
  attempts: number,
): void {
  const { name, arn: deliveryStreamARN } = stream()
  metrics.add("Hydrant.DeliveryRetries", name, 1)
  logger.warn({ code, reason: message, attempts, recordCount }, "Not delivered; will be tried again")
  const { errorLog: target, target: destination } = openDestination(stored)
  if (target === undefined) return
  errorLog.write(target, { deliveryStreamARN, destination, deliveryStreamVersionId, message, errorCode: code })
}

/** Records that wait for a key, or for a table: the stream's owner is told, if they asked for it. */
export function reportWaiting(
  { errorLog, openDestination, route, stream }: PartitionDeliveryOptions,
  { code, message }: KeyUnavailableError | TableError,
): void {
  const { arn: deliveryStreamARN, version: deliveryStreamVersionId } = stream()
  const stored = route.destination()
  const { errorLog: target, target: destination } = openDestination(stored)
  if (target === undefined) return
  errorLog.write(target, { deliveryStreamARN, destination, deliveryStreamVersionId, message, errorCode: code })
}

/** Records that were given up: a batch, or what never became one since it can't be read, and has no known size. */
export function reportExpired(
  { limits, logger, metrics, stream }: PartitionDeliveryOptions,
  { from, to, recordCount, sizeBytes }: Pick<Decided, "from" | "to" | "recordCount"> & { readonly sizeBytes?: number },
): void {
  metrics.add("Hydrant.ExpiredRecords", stream().name, recordCount)
  logger.error(
    { from, to, recordCount, sizeBytes, retentionMs: limits.retentionMs },
    "Records were dropped: they could not be delivered within the retention time",
  )
}

/** Of the reasons for which records of one chunk failed, as many are told: each record may have its own. */
const reasonsToldMax = 10

/** What processing counted of a chunk, and which of its records failed; each reason is told once. */
export function reportFailedRecords(
  { errorLog, logger, metrics, openDestination, route, stream }: PartitionDeliveryOptions,
  failures: readonly SourceFailure[],
  counts: readonly ChunkCount[],
): void {
  const { name, arn: deliveryStreamARN, version: deliveryStreamVersionId } = stream()
  for (const { name: counter, amount } of counts) metrics.add(counter, name, amount)
  const { errorLog: target, target: destination } = openDestination(route.destination())
  const reasons = new Map<string, { readonly failure: SourceFailure; recordCount: number }>()
  for (const failure of failures) {
    const reason = `${failure.kind} ${failure.code} ${failure.message}`
    const known = reasons.get(reason)
    if (known === undefined) reasons.set(reason, { failure, recordCount: 1 })
    else known.recordCount++
  }
  for (const { failure, recordCount } of [...reasons.values()].slice(0, reasonsToldMax)) {
    const { code, kind, message } = failure
    const lambdaArn = kind === "format-conversion-failed" ? undefined : failure.lambdaArn
    logger.warn(
      { type: kind, code, reason: message, recordCount, function: lambdaArn },
      "Records could not be processed",
    )
    if (target === undefined) continue
    const entry = { deliveryStreamARN, destination, deliveryStreamVersionId, message, errorCode: code }
    errorLog.write(target, lambdaArn === undefined ? entry : { ...entry, processor: lambdaArn })
  }
  if (reasons.size > reasonsToldMax) {
    const recordCount = [...reasons.values()].slice(reasonsToldMax).reduce((sum, one) => sum + one.recordCount, 0)
    logger.warn(
      { recordCount, reasons: reasons.size - reasonsToldMax },
      "More records could not be processed, for other reasons: the error output has each",
    )
  }
}

export function reportDamage(
  { logger, metrics, stream }: Pick<PartitionDeliveryOptions, "logger" | "metrics" | "stream">,
  damage: readonly Damage[],
  recordCount: number,
): void {
  metrics.add("Hydrant.DamagedRecords", stream().name, recordCount)
  logger.error({ damage, recordCount }, "Records that were stored cannot be read; the rest is delivered")
}

import type { Admission, PutOutcome, RecordBatch, RecordIds } from "../ingest/index.ts"
import { invalidArgument, invalidKmsResource, resourceNotFound, serviceUnavailable } from "./errors.ts"
import type { Context } from "./operation.ts"
import { requireStream } from "./streams.ts"

/** Of the records of one call, decoded: spec/ingest.md, section 3. */
const batchBytesMax = 4 * 1024 * 1024

const countersOf = {
  PutRecord: { bytes: "PutRecord.Bytes", requests: "PutRecord.Requests" },
  PutRecordBatch: { bytes: "PutRecordBatch.Bytes", requests: "PutRecordBatch.Requests" },
} as const

/** What is answered: the ids of the records that were stored, in their order, and whether they are encrypted at rest. */
export interface Stored {
  readonly recordIds: RecordIds
  readonly sealed: boolean
  /** For each record 1 when it was stored, else 0; undefined when all were, as it is but for a stream over its quota. */
  readonly admitted: Uint8Array | undefined
}

/**
 * Stores the records of one call and counts them: the part that PutRecord and PutRecordBatch share. Errors: spec/ingest.md, section 7.
 * @throws ApiError, or rejects with one
 */
export function putRecords(
  context: Context,
  operation: keyof typeof countersOf,
  streamName: string,
  batch: RecordBatch,
): Promise<Stored> {
  const { identity, ingest, quota } = context
  const stream = requireStream(context, streamName)
  if (stream.status.kind !== "ACTIVE") throw resourceNotFound(streamName, identity.accountId)
  if (batch.data.byteLength > batchBytesMax) throw invalidArgument("Records size exceeds 4 MB limit")
  const admission = quota.admit(stream.uid, batch)
  if (admission.kind !== "all") tellThrottled(context, streamName, batch, admission)
  if (admission.kind === "none") throw serviceUnavailable()
  const part = admission.kind === "part" ? admission : { batch, admitted: undefined }
  const { bytes, requests } = countersOf[operation]
  const sizeBytes = part.batch.data.byteLength
  return ingest.put(stream, part.batch).then((outcome) => {
    const { recordIds, sealed } = requireStored(context, streamName, outcome)
    const { metrics } = context
    metrics.add("IncomingBytes", streamName, sizeBytes)
    metrics.add("IncomingRecords", streamName, recordIds.count)
    metrics.add("IncomingPutRequests", streamName, 1)
    metrics.add(bytes, streamName, sizeBytes)
    metrics.add(requests, streamName, 1)
    return { recordIds, sealed, admitted: part.admitted }
  })
}

/** @throws ApiError when the records were not stored */
function requireStored({ identity, metrics, refusals }: Context, streamName: string, outcome: PutOutcome) {
  switch (outcome.kind) {
    case "stored":
      return outcome
    case "unavailable":
      metrics.add("Hydrant.PutsRefused", streamName, 1)
      refusals.report(streamName, outcome.reason)
      throw serviceUnavailable()
    case "key-unusable":
      refusals.report(streamName, outcome.reason)
      throw invalidKmsResource(outcome.code, outcome.reason)
    case "gone":
      throw resourceNotFound(streamName, identity.accountId)
  }
}

/** Counts the records that the stream's quota has no room for, and tells the operator. */
function tellThrottled(
  { metrics, refusals }: Context,
  streamName: string,
  batch: RecordBatch,
  admission: Exclude<Admission, { kind: "all" }>,
) {
  const admittedCount = admission.kind === "part" ? admission.batch.lengths.length : 0
  metrics.add("ThrottledRecords", streamName, batch.lengths.length - admittedCount)
  if (admission.kind === "none") metrics.add("Hydrant.PutsRefused", streamName, 1)
  refusals.report(streamName, admission.reason)
}

import type { Admission, RecordBatch, RecordIds } from "../ingest/index.ts"
import { invalidArgument, invalidKmsResource, resourceNotFound, serviceUnavailable } from "./errors.ts"
import type { Context } from "./operation.ts"
import { requireStream } from "./streams.ts"

/** Of the records of one call, decoded: spec/ingest.md, section 3. */
const batchBytesMax = 4 * 1024 * 1024

/** What is answered: the ids of the records that were stored, in their order, and whether they are encrypted at rest. */
export interface Stored {
  readonly recordIds: RecordIds
  readonly sealed: boolean
  /** For each record 1 when it was stored, else 0; undefined when all were, as it is but for a stream over its quota. */
  readonly admitted: Uint8Array | undefined
}

/**
 * Stores the records of one call and counts them: the part that PutRecord and PutRecordBatch share. Errors: spec/ingest.md, section 7.
 * @throws ApiError
 */
export async function putRecords(
  context: Context,
  operation: "PutRecord" | "PutRecordBatch",
  streamName: string,
  batch: RecordBatch,
): Promise<Stored> {
  const { identity, ingest, metrics, quota, refusals } = context
  const stream = requireStream(context, streamName)
  if (stream.status.kind !== "ACTIVE") throw resourceNotFound(streamName, identity.accountId)
  if (batch.data.byteLength > batchBytesMax) throw invalidArgument("Records size exceeds 4 MB limit")
  const admission = quota.admit(stream.uid, batch)
  if (admission.kind !== "all") tellThrottled(context, streamName, batch, admission)
  if (admission.kind === "none") throw serviceUnavailable()
  const part = admission.kind === "part" ? admission : { batch, admitted: undefined }
  const outcome = await ingest.put(stream, part.batch)
  switch (outcome.kind) {
    case "stored":
      metrics.add("IncomingBytes", streamName, part.batch.data.byteLength)
      metrics.add("IncomingRecords", streamName, part.batch.lengths.length)
      metrics.add("IncomingPutRequests", streamName, 1)
      metrics.add(`${operation}.Bytes`, streamName, part.batch.data.byteLength)
      metrics.add(`${operation}.Requests`, streamName, 1)
      return { recordIds: outcome.recordIds, sealed: outcome.sealed, admitted: part.admitted }
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

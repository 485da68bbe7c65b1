import type { RecordBatch } from "../ingest/index.ts"
import { invalidArgument, invalidKmsResource, resourceNotFound, serviceUnavailable } from "./errors.ts"
import type { Context } from "./operation.ts"
import { requireStream } from "./streams.ts"

/** Of the records of one call, decoded: spec/ingest.md, section 3. */
const batchBytesMax = 4 * 1024 * 1024

/** What is answered: an id for each record, and whether they are encrypted at rest. */
export interface Stored {
  readonly recordIds: readonly string[]
  readonly sealed: boolean
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
  const { identity, ingest, metrics, refusals } = context
  const stream = requireStream(context, streamName)
  if (stream.status.kind !== "ACTIVE") throw resourceNotFound(streamName, identity.accountId)
  const sizeBytes = batch.data.byteLength
  if (sizeBytes > batchBytesMax) throw invalidArgument("Records size exceeds 4 MB limit")
  const outcome = await ingest.put(stream, batch)
  switch (outcome.kind) {
    case "stored":
      metrics.add("IncomingBytes", streamName, sizeBytes)
      metrics.add("IncomingRecords", streamName, batch.lengths.length)
      metrics.add("IncomingPutRequests", streamName, 1)
      metrics.add(`${operation}.Bytes`, streamName, sizeBytes)
      metrics.add(`${operation}.Requests`, streamName, 1)
      return outcome
    case "unavailable":
      metrics.add("Hydrant.PutsRefused", streamName, 1)
      refusals.report(streamName, outcome.reason)
      throw serviceUnavailable()
    case "key-unusable":
      throw invalidKmsResource(outcome.code, outcome.reason)
    case "gone":
      throw resourceNotFound(streamName, identity.accountId)
  }
}

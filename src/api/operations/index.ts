import type { DestinationKind } from "../../destinations/index.ts"
import type { Operation } from "../operation.ts"
import { createDeliveryStream, createRequest } from "./create-delivery-stream.ts"
import { deleteDeliveryStream } from "./delete-delivery-stream.ts"
import { describeDeliveryStream } from "./describe-delivery-stream.ts"
import { listDeliveryStreams } from "./list-delivery-streams.ts"
import { listTagsForDeliveryStream } from "./list-tags-for-delivery-stream.ts"
import { putRecord } from "./put-record.ts"
import { putRecordBatch } from "./put-record-batch.ts"
import { startDeliveryStreamEncryption } from "./start-delivery-stream-encryption.ts"
import { stopDeliveryStreamEncryption } from "./stop-delivery-stream-encryption.ts"
import { tagDeliveryStream } from "./tag-delivery-stream.ts"
import { untagDeliveryStream } from "./untag-delivery-stream.ts"
import { updateDestination } from "./update-destination.ts"

/** The operations of the API. Those that configure destinations take their members from the table of `kinds`. */
export function operationsFor(kinds: readonly DestinationKind[]): readonly Operation[] {
  return [
    createDeliveryStream(kinds),
    deleteDeliveryStream,
    describeDeliveryStream,
    listDeliveryStreams,
    listTagsForDeliveryStream,
    putRecord,
    putRecordBatch,
    startDeliveryStreamEncryption,
    stopDeliveryStreamEncryption,
    tagDeliveryStream,
    untagDeliveryStream,
    updateDestination(kinds),
  ]
}

export { createRequest }

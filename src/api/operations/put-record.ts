import { batchOf } from "../../ingest/index.ts"
import { structure } from "../../shapes/index.ts"
import { deliveryStreamName, record } from "../members.ts"
import { operation } from "../operation.ts"
import { putRecords } from "../put-records.ts"
import { readRecordQuickly } from "../quick-record.ts"

/** spec/ingest.md, section 1. */
export const putRecord = operation({
  name: "PutRecord",
  latency: "PutRecord.Latency",
  isPut: true,
  input: structure("Stores one record, to be delivered.", {
    DeliveryStreamName: deliveryStreamName,
    Record: record,
  }),
  handle(context, { DeliveryStreamName: name, Record: { Data: data } }) {
    return putRecords(context, "PutRecord", name, batchOf([data]))
  },
  readBody: readRecordQuickly,
  encode: ({ recordIds, sealed }) => `{"Encrypted":${sealed},"RecordId":"${recordIds.joined("")}"}`,
})

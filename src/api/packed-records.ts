import { batchOf, type RecordBatch } from "../ingest/index.ts"
import type { ListShape, Shape, TypeOf } from "../shapes/index.ts"
import type { record } from "./members.ts"

type Records = ListShape<TypeOf<typeof record>>

/** A list of records that is read as one batch, as the log stores them. */
export interface PackedRecords extends Shape<RecordBatch>, Pick<Records, "item" | "limits"> {
  readonly kind: "list"
}

/** The shape `records`, whose value is a batch. quick-batch.ts reads what clients usually send; this reads the rest. */
export function packed(records: Records): PackedRecords {
  return {
    ...records,
    read(value, path, problems) {
      const problemsBefore = problems.found.length
      const read = records.read(value, path, problems)
      if (read === undefined || problems.found.length > problemsBefore) return undefined
      return batchOf(read.map((one) => one.Data))
    },
  }
}

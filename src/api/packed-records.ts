import { batchOf, type RecordBatch } from "../ingest/index.ts"
import { base64Length, decodeBase64Into, type ListShape, type Shape, type TypeOf } from "../shapes/index.ts"
import { type record, recordBytesMax } from "./members.ts"

type Records = ListShape<TypeOf<typeof record>>

/** A list of records that is read as one batch. */
export interface PackedRecords extends Shape<RecordBatch>, Pick<Records, "item" | "limits"> {
  readonly kind: "list"
}

/**
 * The shape `records`, read straight into a batch: their bytes one after the other in one buffer, as the log stores them.
 *
 * For 500 records of 200 bytes that takes a third of the time of reading each into a buffer of its own. What is not as it
 * should be is left to the plain shape, which knows how to say so, and which the test holds this one against.
 */
export function packed(records: Records): PackedRecords {
  return {
    ...records,
    read(value, path, problems) {
      const batch = pack(value, records.limits)
      if (batch !== undefined) return batch
      const problemsBefore = problems.found.length
      const read = records.read(value, path, problems)
      if (read === undefined || problems.found.length > problemsBefore) return undefined
      return batchOf(read.map((one) => one.Data))
    },
  }
}

/** Undefined when anything about the list or a record is not as it should be. */
function pack(value: unknown, { countMin = 0, countMax = 0 }: Records["limits"]): RecordBatch | undefined {
  if (!Array.isArray(value) || value.length < countMin || value.length > countMax) return undefined
  const lengths = new Uint32Array(value.length)
  let sizeBytes = 0
  for (let index = 0; index < value.length; index++) {
    const text = dataOf(value[index])
    const length = text === undefined ? undefined : base64Length(text)
    if (length === undefined || length > recordBytesMax) return undefined
    lengths[index] = length
    sizeBytes += length
  }
  const data = Buffer.allocUnsafeSlow(sizeBytes)
  let offset = 0
  for (let index = 0; index < value.length; index++) {
    const length = lengths[index] ?? 0
    if (!decodeBase64Into(data, offset, dataOf(value[index]) ?? "", length)) return undefined
    offset += length
  }
  return { lengths, data }
}

function dataOf(item: unknown): string | undefined {
  const isRecord = typeof item === "object" && item !== null && "Data" in item
  return isRecord && typeof item.Data === "string" ? item.Data : undefined
}

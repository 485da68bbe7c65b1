import type { Chunk, WorkingRecord } from "../processor.ts"

/** A record as a function sees it. */
export interface SentRecord {
  readonly record: WorkingRecord
  /** Unique among those that are sent: what the function must answer with. */
  readonly recordId: string
  readonly arrivalMs: number
  /** What it takes in the event, at most. */
  readonly sizeBytes: number
}

/** Of the members of a record in the event, beside its id and its data: the longest time has 16 digits. */
const envelopeBytes = '{"recordId":"","approximateArrivalTimestamp":,"data":""},'.length + 16
/** A source record's parts are told apart as Firehose tells the records of an aggregated one apart. */
const partDigits = 6

/** Records with the ids by which they are sent: each is its source's and, behind it, which part of that it is. */
export function toBeSent(records: readonly WorkingRecord[], { sources }: Chunk): readonly SentRecord[] {
  const parts = new Map<number, number>()
  return records.map((record) => {
    const source = sources[record.source]
    if (source === undefined) throw new Error(`A record says that it came from ${record.source}, which is not there`)
    const part = parts.get(record.source) ?? 0
    parts.set(record.source, part + 1)
    const recordId = `${source.id}${String(part).padStart(partDigits, "0")}`
    const dataBytes = 4 * Math.ceil(record.data.length / 3)
    return { record, recordId, arrivalMs: source.arrivalMs, sizeBytes: envelopeBytes + recordId.length + dataBytes }
  })
}

/** What an event has beside its records. */
export function eventHead({ stream }: Chunk, invocationId: string): string {
  const head = JSON.stringify({ invocationId, deliveryStreamArn: stream.arn, region: stream.region })
  return `${head.slice(0, -1)},"records":[`
}

/** What a function is invoked with, its members in Firehose's order: spec/processing.md, section 3. */
export function eventOf(head: string, batch: readonly SentRecord[]): Buffer {
  const records = batch.map(({ record: { data }, recordId, arrivalMs }) => {
    const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64")
    return `{"recordId":${JSON.stringify(recordId)},"approximateArrivalTimestamp":${arrivalMs},"data":"${base64}"}`
  })
  return Buffer.from(`${head}${records.join(",")}]}`)
}

/** Neighbours go together as far as both limits let them; each batch has at least one record. */
export function inBatches(
  records: readonly SentRecord[],
  { dataBytesMax, eventBytesMax }: { readonly dataBytesMax: number; readonly eventBytesMax: number },
): readonly (readonly SentRecord[])[] {
  const batches: SentRecord[][] = []
  let [dataBytes, eventBytes] = [0, 0]
  for (const record of records) {
    dataBytes += record.record.data.length
    eventBytes += record.sizeBytes
    const batch = batches.at(-1)
    if (batch !== undefined && dataBytes <= dataBytesMax && eventBytes <= eventBytesMax) batch.push(record)
    else {
      batches.push([record])
      dataBytes = record.record.data.length
      eventBytes = record.sizeBytes
    }
  }
  return batches
}

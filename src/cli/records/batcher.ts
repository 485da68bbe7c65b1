/** What is put. Whoever puts it may know more of it than that. */
export interface RecordToPut {
  readonly data: Uint8Array
}

/** What one PutRecordBatch takes (spec/ingest.md, section 2): bytes are counted before base64. */
export const batchLimits: BatchLimits = { recordsMax: 500, bytesMax: 4 * 1024 * 1024 }

/** What one record holds (spec/ingest.md, section 2). */
export const recordBytesMax = 1_024_000

export interface BatchLimits {
  readonly recordsMax: number
  readonly bytesMax: number
}

/** Gathers records into batches, in order, each as full as the limits let it be. */
export class Batcher<R extends RecordToPut> {
  readonly #limits: BatchLimits
  #records: R[] = []
  #bytes = 0

  constructor(limits: BatchLimits) {
    this.#limits = limits
  }

  /** Adds a record of at most `bytesMax`. Answers the batch that was closed because the record no longer fit into it. */
  add(record: R): readonly R[] | undefined {
    const { recordsMax, bytesMax } = this.#limits
    const isFull = this.#records.length >= recordsMax || this.#bytes + record.data.byteLength > bytesMax
    const full = isFull ? this.take() : undefined
    this.#records.push(record)
    this.#bytes += record.data.byteLength
    return full
  }

  /** The records that wait, as a batch; undefined when there are none. */
  take(): readonly R[] | undefined {
    if (this.#records.length === 0) return undefined
    const records = this.#records
    this.#records = []
    this.#bytes = 0
    return records
  }
}

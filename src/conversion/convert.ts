import type { PlacedGroup } from "../formats/index.ts"
import { orc, parquet } from "../formats/index.ts"
import type { Workers } from "../workers/index.ts"
import { type GroupFormat, type OutputFormat, orcGroups, parquetGroups } from "./column-formats.ts"
import type { RowSchema } from "./row-schema.ts"

/** Records as a batch has them: pieces, each good until the next is asked for. */
export type RecordPieces = AsyncIterable<{ readonly lengths: Uint32Array; readonly data: Uint8Array }>

/**
 * Bytes of JSON of which one group is made at most, however large groups the options allow: this bounds the memory of a conversion,
 * whatever becomes of the batch. A group's bytes in its file are fewer.
 */
const groupRecordBytesMax = 64 * 1024 * 1024

/**
 * What a conversion holds in memory for each byte of JSON in a group: the bytes, the rows by columns, and what is made of those. Rows
 * may take more, but only in the worker threads, each of which has one group at a time (column-formats.ts).
 */
const memoryFactor = 3

/** What converting a batch of so many bytes holds in memory at most. */
export function conversionMemoryBytes(sizeBytes: number): number {
  return memoryFactor * Math.min(sizeBytes, groupRecordBytesMax)
}

/**
 * The file that records become: each of its groups is made on another thread, one at a time. The same records make the same file,
 * to the last byte, however they come in pieces. `sizeBytes`: of all records.
 */
export function converted(
  records: RecordPieces,
  sizeBytes: number,
  schema: RowSchema,
  format: OutputFormat,
  workers: Workers,
): AsyncIterable<Uint8Array> {
  switch (format.kind) {
    case "parquet":
      return file({ format: parquet, work: parquetGroups }, format.options, { records, sizeBytes, schema, workers })
    case "orc":
      return file({ format: orc, work: orcGroups }, format.options, { records, sizeBytes, schema, workers })
  }
}

interface Source {
  readonly records: RecordPieces
  readonly sizeBytes: number
  readonly schema: RowSchema
  readonly workers: Workers
}

async function* file<Options, Facts>(
  { format, work }: GroupFormat<Options, Facts>,
  options: Options,
  { records, sizeBytes, schema, workers }: Source,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { type, deserializer } = schema
  const groupBytesMax = Math.min(format.groupBytesMax(options), groupRecordBytesMax)
  const placed: PlacedGroup<Facts>[] = []
  yield format.header
  let offset = format.header.byteLength
  for await (const { data, lengths } of grouped(records, sizeBytes, groupBytesMax)) {
    const { groups } = await workers.run(work, { data, lengths, type, deserializer, options })
    for (const { bytes, rowCount, facts } of groups) {
      const padding = format.paddingBytes(offset, bytes.byteLength, options)
      if (padding > 0) yield new Uint8Array(padding)
      offset += padding
      placed.push({ offset, sizeBytes: bytes.byteLength, rowCount, facts })
      offset += bytes.byteLength
      yield bytes
    }
  }
  yield format.footer(type, placed, options)
}

/** Copies of the records, in groups that end with the record that fills them. */
async function* grouped(records: RecordPieces, sizeBytes: number, groupBytesMax: number) {
  let leftBytes = sizeBytes
  let group = new GrowingGroup(Math.min(leftBytes, groupBytesMax))
  for await (const { data, lengths } of records) {
    let start = 0
    for (const length of lengths) {
      group.add(data.subarray(start, start + length))
      start += length
      leftBytes -= length
      if (group.sizeBytes < groupBytesMax) continue
      yield group.records
      group = new GrowingGroup(Math.min(leftBytes, groupBytesMax))
    }
  }
  if (group.recordCount > 0) yield group.records
}

class GrowingGroup {
  #data: Uint8Array
  #lengths = new Uint32Array(1024)
  sizeBytes = 0
  recordCount = 0

  constructor(bytesExpected: number) {
    this.#data = new Uint8Array(Math.max(0, bytesExpected))
  }

  add(record: Uint8Array) {
    const end = this.sizeBytes + record.byteLength
    // The last record of a group may go beyond.
    if (end > this.#data.byteLength) this.#data = copyOf(this.#data, this.sizeBytes, end)
    this.#data.set(record, this.sizeBytes)
    this.sizeBytes = end
    if (this.recordCount === this.#lengths.length) {
      const longer = new Uint32Array(2 * this.recordCount)
      longer.set(this.#lengths)
      this.#lengths = longer
    }
    this.#lengths[this.recordCount++] = record.byteLength
  }

  get records() {
    return { data: this.#data, lengths: this.#lengths.slice(0, this.recordCount) }
  }
}

function copyOf(bytes: Uint8Array, usedBytes: number, sizeBytes: number): Uint8Array {
  const copy = new Uint8Array(sizeBytes)
  copy.set(bytes.subarray(0, usedBytes))
  return copy
}

import type { RecordBatch } from "../log/index.ts"
import type { Clock } from "../platform/index.ts"
import { type Admission, everything, type Quota, unlimited } from "./quota.ts"
import type { QuotaLimits } from "./quota-limits.ts"
import { TokenBucket } from "./token-bucket.ts"

/** The same limits for each stream; `unlimited` when there is none, which costs nothing. */
export function createQuota(limits: QuotaLimits, clock: Pick<Clock, "elapsed">): Quota {
  const isLimited = Object.values(limits).some((limit) => limit !== undefined)
  return isLimited ? new StreamQuota(limits, clock) : unlimited
}

interface Buckets {
  readonly records: TokenBucket
  readonly requests: TokenBucket
  readonly bytes: TokenBucket
}

/**
 * Three token buckets for each stream. A put that fits whole takes from them twice three sums; else they are asked record by
 * record, as AWS answers a batch, and a record that finds no room does not stop those after it (spec/ingest.md, section 2).
 *
 * So a batch that is larger than what a bucket holds is taken in parts, and goes through in the end for a client that puts
 * the refused records again. A single record that is larger than that is taken when the bucket is full, and leaves a debt.
 */
class StreamQuota implements Quota {
  readonly #limits: QuotaLimits
  readonly #clock: Pick<Clock, "elapsed">
  /** By stream uid; made with a stream's first put. */
  readonly #streams = new Map<string, Buckets>()

  constructor(limits: QuotaLimits, clock: Pick<Clock, "elapsed">) {
    this.#limits = limits
    this.#clock = clock
  }

  admit(streamUid: string, batch: RecordBatch): Admission {
    const nowMs = this.#clock.elapsed()
    const buckets = this.#streams.get(streamUid) ?? this.#begin(streamUid, nowMs)
    const { records, requests, bytes } = buckets
    records.refill(nowMs)
    requests.refill(nowMs)
    bytes.refill(nowMs)
    if (!requests.holds(1)) return { kind: "none", reason: over(requests, "calls") }
    const recordCount = batch.lengths.length
    const sizeBytes = batch.data.byteLength
    if (!records.holds(recordCount) || !bytes.holds(sizeBytes)) return admitPart(buckets, batch)
    requests.take(1)
    records.take(recordCount)
    bytes.take(sizeBytes)
    return everything
  }

  forget(streamUid: string): void {
    this.#streams.delete(streamUid)
  }

  #begin(streamUid: string, nowMs: number): Buckets {
    const bucket = (limit = Number.POSITIVE_INFINITY) => new TokenBucket(limit, nowMs)
    const { recordsPerSecond, requestsPerSecond, bytesPerSecond } = this.#limits
    const buckets = {
      records: bucket(recordsPerSecond),
      requests: bucket(requestsPerSecond),
      bytes: bucket(bytesPerSecond),
    }
    this.#streams.set(streamUid, buckets)
    return buckets
  }
}

/** Takes room for the records of a batch that find it, one after the other. */
function admitPart({ records, requests, bytes }: Buckets, batch: RecordBatch): Admission {
  const { lengths } = batch
  const admitted = new Uint8Array(lengths.length)
  const kept = { count: 0, sizeBytes: 0 }
  let lacking: "records" | "bytes" = "records"
  for (let index = 0; index < lengths.length; index++) {
    const length = lengths[index] ?? 0
    if (!records.holds(1)) lacking = "records"
    else if (!bytes.holds(length) && !(bytes.isFull && length > bytes.ratePerSecond)) lacking = "bytes"
    else {
      records.take(1)
      bytes.take(length)
      admitted[index] = 1
      kept.count++
      kept.sizeBytes += length
    }
  }
  const reason = lacking === "records" ? over(records, "records") : over(bytes, "bytes")
  if (kept.count === 0) return { kind: "none", reason }
  requests.take(1)
  if (kept.count === lengths.length) return everything
  return { kind: "part", batch: partOf(batch, admitted, kept), admitted, reason }
}

/** A copy of the records that are marked with 1. */
function partOf(
  { lengths, data }: RecordBatch,
  marks: Uint8Array,
  { count, sizeBytes }: { readonly count: number; readonly sizeBytes: number },
): RecordBatch {
  const part = { lengths: new Uint32Array(count), data: Buffer.allocUnsafeSlow(sizeBytes) }
  let begin = 0
  let partCount = 0
  let partBytes = 0
  for (let index = 0; index < lengths.length; index++) {
    const end = begin + (lengths[index] ?? 0)
    if (marks[index] === 1) {
      part.lengths[partCount++] = end - begin
      part.data.set(data.subarray(begin, end), partBytes)
      partBytes += end - begin
    }
    begin = end
  }
  return part
}

/** For the operator's log. */
function over({ ratePerSecond }: TokenBucket, unit: "records" | "calls" | "bytes"): string {
  return `More is put into the stream than its quota of ${ratePerSecond} ${unit} a second`
}

import type { RecordBatch } from "../log/index.ts"

/** How much of a put a stream's quota has room for. */
export type Admission =
  | { readonly kind: "all" }
  /** Some of its records. `reason` says for the operator's log which limit the others are over. */
  | {
      readonly kind: "part"
      /** The records that there is room for, in the put's order. */
      readonly batch: RecordBatch
      /** For each record of the put, 1 when it is in `batch`, else 0. */
      readonly admitted: Uint8Array
      readonly reason: string
    }
  /** None of its records. */
  | { readonly kind: "none"; readonly reason: string }

/** Whatever a quota has room for whole. */
export const everything: Admission = { kind: "all" }

/**
 * How much may be put into each stream: spec/ingest.md, section 10. Whoever takes puts asks it before it stores them. Where
 * several processes do, each has one of its own, over its share of the limits.
 */
export interface Quota {
  /** Takes what the put needs from the stream's quota. What was taken is spent, also when the records can't be stored then. */
  admit(streamUid: string, batch: RecordBatch): Admission
  /** Drops what is kept of a stream that is gone. */
  forget(streamUid: string): void
}

/** For streams that may be put as much into as the machine can take. */
export const unlimited: Quota = {
  admit: () => everything,
  forget() {},
}

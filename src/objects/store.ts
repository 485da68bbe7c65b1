/** Object stores: where a batch ends up as one object under a key. A local folder and S3 implement this. */
export interface ObjectStore {
  /**
   * Stores a whole object under its key, replacing one that is there: doing it again with the same object changes
   * nothing, which is what a retry and a restart rely on. No reader ever sees a part of it.
   *
   * Called by the delivery loop, many at a time. Never throws for what can go wrong with a store: that is an outcome.
   * `signal` ends the attempt: its outcome is then `later`.
   */
  put(object: ObjectToPut, signal: AbortSignal): Promise<PutOutcome>
  /** Lets go of connections. May be called twice. */
  close(): Promise<void>
}

export interface ObjectToPut {
  readonly bucket: string
  readonly key: string
  readonly contentType: string
  readonly contentEncoding?: string
  readonly encryption: ObjectEncryption
  /** The object's bytes, made anew at each call: an attempt that is repeated starts from the beginning. */
  body(): AsyncIterable<Uint8Array>
}

/** How the store shall encrypt the object: as its bucket says, or with a KMS key. */
export type ObjectEncryption = { readonly kind: "bucket-default" } | { readonly kind: "kms"; readonly keyArn: string }

/**
 * What became of one attempt.
 * - `stored`: the object is there, whole and durable.
 * - `later`: try again. `mayBeStored` tells a refusal (the object is certainly not there) from an answer that was lost.
 *   `outOfSpace`: the store is full, and may take the object when fewer are being put.
 *   `code` is one of the S3 codes of the observability sheet, section 3, such as `S3.NoSuchBucket`.
 */
export type PutOutcome =
  | { readonly kind: "stored"; readonly sizeBytes: number }
  | {
      readonly kind: "later"
      readonly mayBeStored: boolean
      readonly code: string
      readonly message: string
      readonly outOfSpace?: boolean
    }

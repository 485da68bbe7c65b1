import type { JsonObject } from "../shapes/index.ts"

/**
 * What is known of one delivery stream. It is kept whole in the catalog's store, and never changed in place: each change
 * makes a new definition.
 */
export interface StreamDefinition {
  /** One incarnation of the name: a stream that is deleted and made again gets another uid, and so another log. */
  readonly uid: string
  readonly name: string
  readonly arn: string
  readonly type: "DirectPut"
  readonly status: StreamStatus
  /** 1 at creation, one more with each UpdateDestination (spec/api.md, section 3). */
  readonly version: number
  readonly createdMs: number
  /** Absent until the first update. */
  readonly updatedMs?: number
  /** Informational (spec/ingest.md, section 10); absent when none was given. */
  readonly throughputHintInMBs?: number
  readonly destination: StoredDestination
  /** In the order of their keys. */
  readonly tags: readonly Tag[]
  /** False while delivery is paused: records are still taken and kept. */
  readonly deliveryEnabled: boolean
  readonly encryption: StreamEncryption
  /** Partitions of its log. */
  readonly partitionCount: number
}

/** spec/api.md, section 3. `failed` ones carry why; CREATING_FAILED can only be deleted. */
export type StreamStatus =
  | { readonly kind: "CREATING" }
  | { readonly kind: "ACTIVE" }
  | { readonly kind: "DELETING" }
  | { readonly kind: "CREATING_FAILED" | "DELETING_FAILED"; readonly failure: Failure }

export interface Failure {
  /** One of FailureDescription.Type: spec/config-shapes.md, section 5. */
  readonly type: string
  readonly details: string
}

/**
 * Server-side encryption of the records while they are kept: spec/api.md, sections 3 and 4.7.
 *
 * `dataKeys` are all that ever sealed a record of this stream, each wrapped by its key, the latest last: what was stored
 * before a key was changed is still to be read.
 */
export interface StreamEncryption {
  readonly state: EncryptionState
  readonly dataKeys: readonly WrappedDataKey[]
  /** When it was started or stopped, in milliseconds since the epoch: those that still count against the limit of a day. */
  readonly changesMs: readonly number[]
}

/** AWS also knows DISABLING_FAILED. Here nothing of disabling can fail for good. */
export type EncryptionState =
  | { readonly status: "DISABLED" }
  /** `key` is the new one; records are stored as before (`before`) until it is there. */
  | { readonly status: "ENABLING"; readonly key: MasterKey; readonly before: MasterKey | undefined }
  /** Records are sealed with the last data key. `key` wraps it. */
  | { readonly status: "ENABLED" | "DISABLING"; readonly key: MasterKey }
  /** `before` is still in force; undefined when records are stored in the clear. */
  | {
      readonly status: "ENABLING_FAILED"
      readonly key: MasterKey
      readonly before: MasterKey | undefined
      readonly failure: Failure
    }

/** Of a stream whose records were never encrypted. */
export const notEncrypted: StreamEncryption = { state: { status: "DISABLED" }, dataKeys: [], changesMs: [] }

/** The key that wraps data keys: the server's own key file, or one of KMS. */
export type MasterKey =
  | { readonly type: "AWS_OWNED_CMK" }
  | { readonly type: "CUSTOMER_MANAGED_CMK"; readonly arn: string }

/** A data key as it may be written down. */
export interface WrappedDataKey {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly key: MasterKey
  /** Base64. */
  readonly wrapped: string
}

/** A destination as the catalog keeps it: of which kind, and its configuration with every default filled in. */
export interface StoredDestination {
  readonly id: string
  /** The name of its kind in the table of destinations. */
  readonly kind: string
  /** Read with that kind's own shape. */
  readonly configuration: JsonObject
}

export interface Tag {
  readonly key: string
  /** Absent when the tag was given without one. */
  readonly value?: string
}

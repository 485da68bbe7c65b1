import type { RecordBatch } from "../log/index.ts"
import type { StreamDefinition } from "../streams/index.ts"
import type { RecordIds } from "./record-id.ts"

/** What became of the records of one put. They are stored all, or none was acknowledged. `sealed`: encrypted at rest. */
export type PutOutcome =
  /** Durable. One id for each record, in the order of the records. */
  | { readonly kind: "stored"; readonly recordIds: RecordIds; readonly sealed: boolean }
  /** Nothing was stored: the records are to be sealed, and their key can't be used. `code` names the exception of KMS. */
  | { readonly kind: "key-unusable"; readonly code: string; readonly reason: string }
  /** Not now: `reason` says for the operator's log what is full or failing. */
  | { readonly kind: "unavailable"; readonly reason: string }
  /** The stream is being deleted. */
  | { readonly kind: "gone" }

/** Takes records in: admits them, has the log store them, and gives out their ids. */
export interface Ingest {
  /** The batch holds at least one record; limits are checked already. Its bytes must not change until this resolves. */
  put(stream: StreamDefinition, batch: RecordBatch): Promise<PutOutcome>
}

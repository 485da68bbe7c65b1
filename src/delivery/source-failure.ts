import type { TableOfRecord } from "../conversion/index.ts"
import type { CounterName } from "../observe/index.ts"
import type { RecordFailure } from "../processors/index.ts"

/** A source record that does not come through, whole, as it was put: a processor or the conversion could not take it. */
export type SourceFailure = RecordFailure | ConversionFailure

/** A record that makes no rows of its table. */
export interface ConversionFailure extends Omit<RecordFailure, "kind" | "lambdaArn"> {
  readonly kind: "format-conversion-failed"
  readonly table: TableOfRecord & { readonly region: string }
}

/** What was counted of a chunk. */
export interface ChunkCount {
  readonly name: CounterName
  readonly amount: number
}

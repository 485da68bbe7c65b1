import type { OrcOptions } from "./options.ts"

/** Of the API where it has any, without compression. */
export const defaults: OrcOptions = {
  stripeSizeBytes: 64 * 1024 * 1024,
  blockSizeBytes: 256 * 1024 * 1024,
  rowIndexStride: 10_000,
  enablePadding: false,
  paddingTolerance: 0.05,
  compression: "NONE",
  bloomFilterColumns: [],
  bloomFilterFalsePositiveProbability: 0.05,
  dictionaryKeyThreshold: 0,
  formatVersion: "V0_12",
}

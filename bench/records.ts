import { readEarthquakes } from "../src/cli/demo/index.ts"

export const recordBytes = 200

/**
 * Records of 200 bytes each: the text of a real data set, the earthquakes of a week, cut into pieces. It holds some 5,000
 * of them, so that gzip finds in them what it finds in real records, and no repetition of the whole.
 */
export async function realRecords(): Promise<readonly Buffer[]> {
  const text = Buffer.from((await readEarthquakes()).join(""))
  const count = Math.floor(text.length / recordBytes)
  return Array.from({ length: count }, (_, index) => text.subarray(index * recordBytes, (index + 1) * recordBytes))
}

export const recordsPerBatch = 500

/** The records in full batches of 500. */
export function batchesOf(records: readonly Buffer[]): readonly (readonly Buffer[])[] {
  const count = Math.floor(records.length / recordsPerBatch)
  return Array.from({ length: count }, (_, index) =>
    records.slice(index * recordsPerBatch, (index + 1) * recordsPerBatch),
  )
}

import type { RecordCheck } from "../conversion/index.ts"
import type { Clock } from "../platform/index.ts"
import type { Chunk } from "../processors/index.ts"
import type { AssignedRecord, RecordOutput } from "./process-chunk.ts"
import type { ChunkCount, SourceFailure } from "./source-failure.ts"

/**
 * Marks the records that can be converted with the schema that they passed. Each of the others is a failure (spec/format-conversion.md,
 * section 6).
 */
export function checkRecords(
  records: readonly AssignedRecord[],
  { schema, table, problemOf }: RecordCheck,
  { stream }: Chunk,
  clock: Clock,
) {
  const tableOfStream = { ...table, region: table.region ?? stream.region }
  const passed: AssignedRecord[] = []
  const failures: SourceFailure[] = []
  const [succeeded, failed] = [new Tally(), new Tally()]
  // Records of one partition share theirs, as before.
  const outputs = new Map<RecordOutput, RecordOutput>()
  for (const { source, data, output } of records) {
    const problem = problemOf(data)
    if (problem === undefined) {
      const marked = outputs.get(output) ?? { ...output, rows: schema }
      outputs.set(output, marked)
      succeeded.add(data)
      passed.push({ source, data, output: marked })
    } else {
      const attempt = { attemptsMade: 1, attemptEndedMs: clock.now() }
      failed.add(data)
      failures.push({ source, kind: "format-conversion-failed", table: tableOfStream, ...problem, ...attempt })
    }
  }
  const counts: ChunkCount[] = [
    { name: "SucceedConversion.Records", amount: succeeded.recordCount },
    { name: "SucceedConversion.Bytes", amount: succeeded.sizeBytes },
    { name: "FailedConversion.Records", amount: failed.recordCount },
    { name: "FailedConversion.Bytes", amount: failed.sizeBytes },
  ]
  return { records: passed, failures, counts: counts.filter(({ amount }) => amount > 0) }
}

class Tally {
  recordCount = 0
  sizeBytes = 0

  add({ byteLength }: Uint8Array) {
    this.recordCount++
    this.sizeBytes += byteLength
  }
}

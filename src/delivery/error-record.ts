import type { RecordFailure, SourceRecord } from "../processors/index.ts"

/**
 * A source record that could not be processed, as the error output holds it: a line of JSON with AWS's members, in the order
 * in which they were seen (spec/s3.md, section 7).
 */
export function errorRecord(failure: RecordFailure, source: SourceRecord): Buffer {
  const { code: errorCode, message: errorMessage, attemptsMade, attemptEndedMs: attemptEndingTimestamp } = failure
  const rawData = Buffer.from(source.data.buffer, source.data.byteOffset, source.data.byteLength).toString("base64")
  const arrivalTimestamp = source.arrivalMs
  const line =
    failure.kind === "processing-failed"
      ? {
          rawData,
          errorCode,
          errorMessage,
          attemptsMade,
          arrivalTimestamp,
          attemptEndingTimestamp,
          lambdaARN: failure.lambdaArn,
        }
      : { attemptsMade, arrivalTimestamp, errorCode, errorMessage, attemptEndingTimestamp, rawData }
  return Buffer.from(`${JSON.stringify(line)}\n`)
}

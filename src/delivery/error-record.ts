import type { SourceRecord } from "../processors/index.ts"
import type { ConversionFailure, SourceFailure } from "./source-failure.ts"

/**
 * A source record that could not be processed, as the error output holds it: a line of JSON with AWS's members, in the order
 * in which they were seen (spec/s3.md, section 7).
 */
export function errorRecord(failure: SourceFailure, source: SourceRecord): Buffer {
  const { code: errorCode, message: errorMessage, attemptsMade, attemptEndedMs: attemptEndingTimestamp } = failure
  const rawData = Buffer.from(source.data.buffer, source.data.byteOffset, source.data.byteLength).toString("base64")
  const arrivalTimestamp = source.arrivalMs
  switch (failure.kind) {
    case "processing-failed":
      return asLine({
        rawData,
        errorCode,
        errorMessage,
        attemptsMade,
        arrivalTimestamp,
        attemptEndingTimestamp,
        lambdaARN: failure.lambdaArn,
      })
    case "format-conversion-failed":
      return asLine({
        attemptsMade,
        arrivalTimestamp,
        lastErrorCode: errorCode,
        lastErrorMessage: errorMessage,
        attemptEndingTimestamp,
        rawData,
        sequenceNumber: source.id,
        subSequenceNumber: 0,
        dataCatalogTable: catalogTable(failure.table),
      })
    default:
      return asLine({ attemptsMade, arrivalTimestamp, errorCode, errorMessage, attemptEndingTimestamp, rawData })
  }
}

function asLine(members: object): Buffer {
  return Buffer.from(`${JSON.stringify(members)}\n`)
}

function catalogTable({ catalogId, databaseName, tableName, region, versionId, roleArn }: ConversionFailure["table"]) {
  return { catalogId, databaseName, tableName, region, versionId, roleArn }
}

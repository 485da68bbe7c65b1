import assert from "node:assert/strict"
import { test } from "node:test"
import { errorTypeOf, readErrorLine } from "./error-record.ts"

const rawData = Buffer.from([0, 255, 10, 13]).toString("base64")
const times = { arrivalTimestamp: 1_789_000_000_000, attemptEndingTimestamp: 1_789_000_001_000 }

/** One of each layout of spec/s3.md, section 7. */
const layouts = {
  lambda: {
    rawData,
    errorCode: "Lambda.FunctionError",
    errorMessage: "…",
    attemptsMade: 4,
    ...times,
    lambdaARN: "arn",
  },
  olderLambda: { attemptsMade: 4, ...times, errorCode: "Lambda.FunctionError", rawData, lambdaArn: "arn" },
  conversion: {
    attemptsMade: 1,
    arrivalTimestamp: times.arrivalTimestamp,
    lastErrorCode: "DataFormatConversion.ParseError",
    lastErrorMessage: "…",
    attemptEndingTimestamp: times.attemptEndingTimestamp,
    rawData,
    sequenceNumber: "49",
    subSequenceNumber: 0,
    dataCatalogTable: { databaseName: "d" },
  },
  openSearch: {
    attemptsMade: 8,
    ...times,
    errorCode: "503",
    esDocumentId: "1",
    esIndexName: "i",
    esTypeName: "",
    rawData,
  },
  splunk: { attemptsMade: 1, ...times, errorCode: "Splunk.AckTimeout", errorMessage: "…", rawData, EventId: "49.0" },
  http: { ...times, errorCode: "HttpEndpoint.RequestTimeout", rawData, subsequenceNumber: 0, dataId: "49.0" },
  partitioning: { ...times, errorCode: "DynamicPartitioning.MetadataExtractionFailed", errorMessage: "…", rawData },
}

for (const [name, layout] of Object.entries(layouts)) {
  test(`A line of the layout ${name} is read`, () => {
    const members = new Map<string, unknown>(Object.entries(layout))
    const read = readErrorLine(JSON.stringify(layout))
    assert.deepEqual(read, {
      kind: "record",
      data: Buffer.from([0, 255, 10, 13]),
      errorCode: members.get("errorCode") ?? members.get("lastErrorCode"),
      timeMs: 1_789_000_001_000,
    })
  })
}

test("Without its time of failure a record's time is that of its arrival, and without a code it has none", () => {
  const read = readErrorLine(JSON.stringify({ rawData: "", arrivalTimestamp: 5 }))
  assert.deepEqual(read, { kind: "record", data: Buffer.alloc(0), errorCode: "none", timeMs: 5 })
})

test("What is not an error record is told as what it is", () => {
  for (const [line, problem] of [
    ["not JSON", /not a JSON object/],
    ["[1]", /not a JSON object/],
    ["null", /not a JSON object/],
    ["{}", /has no rawData/],
    ['{"rawData":5}', /not base64/],
    ['{"rawData":"a-_b"}', /not base64/],
    ['{"rawData":"YQ"}', /not base64/],
    ['{"entries":[{"url":"s3://b/k","mandatory":true}]}', /Redshift manifest/],
    [JSON.stringify({ rawData: Buffer.alloc(1_024_001).toString("base64") }), /1024001 bytes, and a put takes 1024000/],
  ] as const) {
    const read = readErrorLine(line)
    assert.ok(read.kind === "problem", line)
    assert.match(read.problem, problem)
  }
})

test("The error output type is found wherever the key has it", () => {
  assert.equal(errorTypeOf("errors/processing-failed/2026/11/28/20/s-1-x"), "processing-failed")
  assert.equal(errorTypeOf("kinesis-processing-errors-metadata-extraction-failed/2023/x"), "metadata-extraction-failed")
  assert.equal(errorTypeOf("2026/activePartitionExceeded.json"), "activePartitionExceeded")
  assert.equal(errorTypeOf("2026/11/x"), "unknown")
})

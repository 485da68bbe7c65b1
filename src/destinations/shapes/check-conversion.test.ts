import assert from "node:assert/strict"
import { test } from "node:test"
import { readShape } from "../../shapes/index.ts"
import { type BesideConversion, checkConversion, withConversionDefaults } from "./check-conversion.ts"
import { dataFormatConversionConfiguration } from "./data-format-conversion.ts"
import { withS3Defaults } from "./s3-destination.ts"

const roleArn = "arn:aws:iam::000000000000:role/firehose"
const schema = { RoleARN: roleArn, DatabaseName: "logs", TableName: "orders" }
const whole = {
  SchemaConfiguration: schema,
  InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
  OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
}

function configuration(given: object) {
  const outcome = readShape(dataFormatConversionConfiguration, given)
  assert.ok(outcome.kind === "read", JSON.stringify(outcome))
  return outcome.value
}

const check = (given: object, beside: Partial<BesideConversion> = {}) =>
  checkConversion(configuration(given), { RoleARN: roleArn, ...beside })

const compressed =
  "The S3 destination's compression format must be set to UNCOMPRESSED when data format conversion is enabled. " +
  "To enable compression within the converted output format, set the appropriate serialization option in the output format configuration."

test("A whole configuration is taken, with Enabled true or absent", () => {
  assert.equal(check(whole), undefined)
  assert.equal(check({ ...whole, Enabled: true }, { CompressionFormat: "UNCOMPRESSED" }), undefined)
  assert.equal(check(whole, { BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 0 } }), undefined)
  assert.equal(checkConversion(undefined, { RoleARN: roleArn, CompressionFormat: "GZIP" }), undefined)
})

test("Of a conversion that is off nothing is checked, and everything is kept", () => {
  const off = { Enabled: false, InputFormatConfiguration: { Deserializer: {} } }
  const beside = { CompressionFormat: "GZIP", BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 1 } }
  assert.equal(check(off, beside), undefined)
  assert.deepEqual(withConversionDefaults(configuration(off)), off)
  assert.deepEqual(withConversionDefaults(configuration(whole)), { Enabled: true, ...whole })
})

test("Records that are converted are buffered for longer", () => {
  const bucket = { RoleARN: roleArn, BucketARN: "arn:aws:s3:::orders" }
  const { BufferingHints: hints } = withS3Defaults(bucket, "converted")
  assert.deepEqual(hints, { SizeInMBs: 128, IntervalInSeconds: 300 })
})

test("What is wrong is told in the service's words, one thing after the other", () => {
  const low = { SizeInMBs: 63, IntervalInSeconds: 60 }
  const both = { OpenXJsonSerDe: {}, HiveJsonSerDe: {} }
  const bothWritten = { ParquetSerDe: {}, OrcSerDe: {} }
  const bothSerDes = {
    InputFormatConfiguration: { Deserializer: both },
    OutputFormatConfiguration: { Serializer: bothWritten },
  }
  const timestampFormats = ["millis", "yyyy-MM-dd'T'HH:mm:ss.SSS", "yyyy-bb"]
  const withSchema = (changes: object) => ({ ...whole, SchemaConfiguration: { ...schema, ...changes } })
  const cases: readonly (readonly [string, object, Partial<BesideConversion>?])[] = [
    [compressed, {}, { CompressionFormat: "GZIP", BufferingHints: low }],
    [
      "BufferingHints.SizeInMBs must be at least 64 when data format conversion is enabled.",
      {},
      { BufferingHints: low },
    ],
    ["InputFormatConfiguration must not be null", {}],
    ["OutputFormatConfiguration must not be null", { InputFormatConfiguration: {} }],
    [
      "SchemaConfiguration must not be null",
      { InputFormatConfiguration: {}, OutputFormatConfiguration: { Serializer: bothWritten } },
    ],
    ["Deserializer must not be null", { ...whole, InputFormatConfiguration: {}, OutputFormatConfiguration: {} }],
    ["Deserializer must not be null", { ...whole, InputFormatConfiguration: { Deserializer: {} } }],
    [
      "Serializer must not be null",
      { ...whole, ...bothSerDes, OutputFormatConfiguration: { Serializer: {} }, SchemaConfiguration: {} },
    ],
    ["More than one deserializer specified. Only one may be chosen.", { ...bothSerDes, SchemaConfiguration: {} }],
    [
      "More than one serializer specified. Only one may be chosen.",
      { ...whole, OutputFormatConfiguration: { Serializer: bothWritten }, SchemaConfiguration: {} },
    ],
    ["SchemaConfiguration.RoleArn must not be null or empty", { ...whole, SchemaConfiguration: {} }],
    ["SchemaConfiguration.DatabaseName must not be null or empty", withSchema({ DatabaseName: null, TableName: null })],
    ["SchemaConfiguration.TableName must not be null or empty", withSchema({ TableName: null })],
    [
      "One or more SerDe options are invalid for org.apache.hcatalog.data.JsonSerDe: [Key: timestamp.formats Value: yyyy-bb]",
      {
        ...whole,
        InputFormatConfiguration: { Deserializer: { HiveJsonSerDe: { TimestampFormats: timestampFormats } } },
      },
    ],
    ["Cross-account pass role is not allowed.", withSchema({ RoleARN: "arn:aws:iam::123456789012:role/firehose" })],
  ]
  for (const [message, given, beside] of cases) assert.equal(check(given, beside), message)
})

import assert from "node:assert/strict"
import { test } from "node:test"
import { readShape } from "../../shapes/index.ts"
import { conversionOf } from "./conversion.ts"
import { dataFormatConversionConfiguration } from "./data-format-conversion.ts"

const roleArn = "arn:aws:iam::000000000000:role/firehose"
const whole = {
  SchemaConfiguration: { RoleARN: roleArn, DatabaseName: "logs", TableName: "orders" },
  InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
  OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
}

function conversion(given: object) {
  const outcome = readShape(dataFormatConversionConfiguration, given)
  assert.ok(outcome.kind === "read", JSON.stringify(outcome))
  return conversionOf(outcome.value)
}

test("A conversion that is off, or not there, is none", () => {
  assert.equal(conversionOf(undefined), undefined)
  assert.equal(conversion({ ...whole, Enabled: false }), undefined)
  assert.equal(conversion({ Enabled: false }), undefined)
})

test("What is left out of a conversion has AWS's defaults", () => {
  assert.deepEqual(conversion(whole), {
    table: { databaseName: "logs", tableName: "orders", versionId: "LATEST", roleArn },
    deserializer: {
      kind: "openx",
      convertDotsInJsonKeysToUnderscores: false,
      caseInsensitive: true,
      columnToJsonKeyMappings: {},
    },
    format: {
      kind: "parquet",
      options: {
        blockSizeBytes: 268_435_456,
        pageSizeBytes: 1_048_576,
        compression: "SNAPPY",
        enableDictionaryCompression: false,
        maxPaddingBytes: 0,
        writerVersion: "V1",
      },
    },
  })
  const hiveToOrc = conversion({
    ...whole,
    InputFormatConfiguration: { Deserializer: { HiveJsonSerDe: {} } },
    OutputFormatConfiguration: { Serializer: { OrcSerDe: {} } },
  })
  assert.deepEqual(hiveToOrc?.deserializer, { kind: "hive", timestampFormats: [] })
  assert.deepEqual(hiveToOrc?.format, {
    kind: "orc",
    options: {
      stripeSizeBytes: 67_108_864,
      blockSizeBytes: 268_435_456,
      rowIndexStride: 10_000,
      enablePadding: false,
      paddingTolerance: 0.05,
      compression: "SNAPPY",
      bloomFilterColumns: [],
      bloomFilterFalsePositiveProbability: 0.05,
      dictionaryKeyThreshold: 0,
      formatVersion: "V0_12",
    },
  })
})

test("What is given of a conversion is taken as it is", () => {
  const place = { CatalogId: "123456789012", Region: "eu-central-1", VersionId: "7" }
  const given = conversion({
    SchemaConfiguration: { ...whole.SchemaConfiguration, ...place },
    InputFormatConfiguration: {
      Deserializer: {
        OpenXJsonSerDe: {
          ConvertDotsInJsonKeysToUnderscores: true,
          CaseInsensitive: false,
          ColumnToJsonKeyMappings: { Ts: "Timestamp" },
        },
      },
    },
    OutputFormatConfiguration: {
      Serializer: {
        OrcSerDe: {
          StripeSizeBytes: 8_388_608,
          BlockSizeBytes: 67_108_864,
          RowIndexStride: 1000,
          EnablePadding: true,
          PaddingTolerance: 0,
          Compression: "NONE",
          BloomFilterColumns: ["Id"],
          BloomFilterFalsePositiveProbability: 1,
          DictionaryKeyThreshold: 1,
          FormatVersion: "V0_11",
        },
      },
    },
  })
  assert.deepEqual(given, {
    table: {
      catalogId: "123456789012",
      databaseName: "logs",
      tableName: "orders",
      region: "eu-central-1",
      versionId: "7",
      roleArn,
    },
    deserializer: {
      kind: "openx",
      convertDotsInJsonKeysToUnderscores: true,
      caseInsensitive: false,
      columnToJsonKeyMappings: { Ts: "Timestamp" },
    },
    format: {
      kind: "orc",
      options: {
        stripeSizeBytes: 8_388_608,
        blockSizeBytes: 67_108_864,
        rowIndexStride: 1000,
        enablePadding: true,
        paddingTolerance: 0,
        compression: "NONE",
        bloomFilterColumns: ["Id"],
        bloomFilterFalsePositiveProbability: 1,
        dictionaryKeyThreshold: 1,
        formatVersion: "V0_11",
      },
    },
  })
  const parquet = {
    BlockSizeBytes: 67_108_864,
    PageSizeBytes: 65_536,
    Compression: "GZIP",
    EnableDictionaryCompression: true,
    MaxPaddingBytes: 8,
    WriterVersion: "V2",
  }
  const hiveToParquet = conversion({
    ...whole,
    InputFormatConfiguration: { Deserializer: { HiveJsonSerDe: { TimestampFormats: ["millis"] } } },
    OutputFormatConfiguration: { Serializer: { ParquetSerDe: parquet } },
  })
  assert.deepEqual(hiveToParquet?.deserializer, { kind: "hive", timestampFormats: ["millis"] })
  assert.deepEqual(hiveToParquet?.format, {
    kind: "parquet",
    options: {
      blockSizeBytes: 67_108_864,
      pageSizeBytes: 65_536,
      compression: "GZIP",
      enableDictionaryCompression: true,
      maxPaddingBytes: 8,
      writerVersion: "V2",
    },
  })
})

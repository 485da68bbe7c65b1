import assert from "node:assert/strict"
import type { ConfiguredConversion, OutputFormat } from "../../conversion/index.ts"
import type { Deserializer, OrcOptions, ParquetOptions } from "../../formats/index.ts"
import type { TypeOf } from "../../shapes/index.ts"
import { latestVersion, type TableReference } from "../../tables/index.ts"
import { isConverted } from "./check-conversion.ts"
import type { dataFormatConversionConfiguration } from "./data-format-conversion.ts"

type ConversionConfiguration = TypeOf<typeof dataFormatConversionConfiguration>

const mebibyte = 1024 * 1024

/** The conversion that a checked configuration asks for; undefined when it is off. Defaults: spec/format-conversion.md, section 5. */
export function conversionOf(configuration: ConversionConfiguration | undefined): ConfiguredConversion | undefined {
  if (configuration === undefined || !isConverted(configuration)) return undefined
  return {
    table: tableOf(configuration.SchemaConfiguration),
    deserializer: deserializerOf(configuration.InputFormatConfiguration?.Deserializer),
    format: outputFormatOf(configuration.OutputFormatConfiguration),
  }
}

function tableOf(schema: ConversionConfiguration["SchemaConfiguration"] = {}): TableReference {
  const { RoleARN, CatalogId, DatabaseName, TableName, Region, VersionId } = schema
  assert(
    RoleARN !== undefined && DatabaseName !== undefined && TableName !== undefined,
    "A conversion was stored unchecked",
  )
  return {
    databaseName: DatabaseName,
    tableName: TableName,
    versionId: VersionId ?? latestVersion,
    roleArn: RoleARN,
    ...(CatalogId !== undefined && { catalogId: CatalogId }),
    ...(Region !== undefined && { region: Region }),
  }
}

type Deserializers = NonNullable<ConversionConfiguration["InputFormatConfiguration"]>["Deserializer"]
type Serializers = NonNullable<ConversionConfiguration["OutputFormatConfiguration"]>["Serializer"]
type ParquetSerDe = NonNullable<NonNullable<Serializers>["ParquetSerDe"]>
type OrcSerDe = NonNullable<NonNullable<Serializers>["OrcSerDe"]>

function deserializerOf({ OpenXJsonSerDe: openX, HiveJsonSerDe: hive }: NonNullable<Deserializers> = {}): Deserializer {
  if (hive !== undefined) return { kind: "hive", timestampFormats: hive.TimestampFormats ?? [] }
  assert(openX !== undefined, "A conversion was stored without a deserializer")
  return {
    kind: "openx",
    convertDotsInJsonKeysToUnderscores: openX.ConvertDotsInJsonKeysToUnderscores ?? false,
    caseInsensitive: openX.CaseInsensitive ?? true,
    columnToJsonKeyMappings: openX.ColumnToJsonKeyMappings ?? {},
  }
}

/** What a checked OutputFormatConfiguration asks for. Defaults: spec/format-conversion.md, section 5. */
export function outputFormatOf(configuration: ConversionConfiguration["OutputFormatConfiguration"]): OutputFormat {
  const { ParquetSerDe: parquet, OrcSerDe: orc } = configuration?.Serializer ?? {}
  if (parquet !== undefined) return { kind: "parquet", options: parquetOptions(parquet) }
  assert(orc !== undefined, "A conversion was stored without a serializer")
  return { kind: "orc", options: orcOptions(orc) }
}

function parquetOptions(given: ParquetSerDe): ParquetOptions {
  return {
    blockSizeBytes: given.BlockSizeBytes ?? 256 * mebibyte,
    pageSizeBytes: given.PageSizeBytes ?? mebibyte,
    compression: given.Compression ?? "SNAPPY",
    enableDictionaryCompression: given.EnableDictionaryCompression ?? false,
    maxPaddingBytes: given.MaxPaddingBytes ?? 0,
    writerVersion: given.WriterVersion ?? "V1",
  }
}

function orcOptions(given: OrcSerDe): OrcOptions {
  return {
    stripeSizeBytes: given.StripeSizeBytes ?? 64 * mebibyte,
    blockSizeBytes: given.BlockSizeBytes ?? 256 * mebibyte,
    rowIndexStride: given.RowIndexStride ?? 10_000,
    enablePadding: given.EnablePadding ?? false,
    paddingTolerance: given.PaddingTolerance ?? 0.05,
    compression: given.Compression ?? "SNAPPY",
    bloomFilterColumns: given.BloomFilterColumns ?? [],
    bloomFilterFalsePositiveProbability: given.BloomFilterFalsePositiveProbability ?? 0.05,
    dictionaryKeyThreshold: given.DictionaryKeyThreshold ?? 0,
    formatVersion: given.FormatVersion ?? "V0_12",
  }
}

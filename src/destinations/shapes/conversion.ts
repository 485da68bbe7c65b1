import assert from "node:assert/strict"
import type { Deserializer, OrcOptions, ParquetOptions } from "../../formats/index.ts"
import type { TypeOf } from "../../shapes/index.ts"
import { latestVersion, type TableReference } from "../../tables/index.ts"
import { isConverted } from "./check-conversion.ts"
import type { dataFormatConversionConfiguration } from "./data-format-conversion.ts"

type ConversionConfiguration = TypeOf<typeof dataFormatConversionConfiguration>

/** How records become rows of a file, with every default filled in. */
export interface Conversion {
  /** Whose columns the rows have. */
  readonly table: TableReference
  readonly deserializer: Deserializer
  readonly format:
    | { readonly kind: "parquet"; readonly options: ParquetOptions }
    | { readonly kind: "orc"; readonly options: OrcOptions }
}

const mebibyte = 1024 * 1024

/** The conversion that a checked configuration asks for; undefined when it is off. Defaults: spec/format-conversion.md, section 5. */
export function conversionOf(configuration: ConversionConfiguration | undefined): Conversion | undefined {
  if (configuration === undefined || !isConverted(configuration)) return undefined
  return {
    table: tableOf(configuration.SchemaConfiguration),
    deserializer: deserializerOf(configuration.InputFormatConfiguration?.Deserializer),
    format: formatOf(configuration.OutputFormatConfiguration?.Serializer),
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

function formatOf({ ParquetSerDe: parquet, OrcSerDe: orc }: NonNullable<Serializers> = {}): Conversion["format"] {
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

import { boolean, double, enumeration, integer, list, map, optional, structure } from "../../shapes/index.ts"
import { nonBlank, word } from "./texts.ts"

const schemaConfiguration = structure("The table whose columns the records have.", {
  RoleARN: optional(word),
  CatalogId: optional(word),
  DatabaseName: optional(word),
  TableName: optional(word),
  Region: optional(word),
  VersionId: optional(word),
})

const openXJsonSerDe = structure("Reads JSON as the OpenX SerDe does.", {
  ConvertDotsInJsonKeysToUnderscores: optional(boolean("False when absent.")),
  CaseInsensitive: optional(boolean("True when absent.")),
  ColumnToJsonKeyMappings: optional(map("Columns whose JSON key has another name.", word, nonBlank)),
})

const hiveJsonSerDe = structure("Reads JSON as the Hive SerDe does.", {
  TimestampFormats: optional(list("How timestamps are written.", nonBlank)),
})

const blockSizeBytes = integer("HDFS block size.", { min: 67_108_864 })
const proportion = { min: 0, max: 1 }

const parquetSerDe = structure("Writes Apache Parquet.", {
  BlockSizeBytes: optional(blockSizeBytes),
  PageSizeBytes: optional(integer("Parquet page size.", { min: 65_536 })),
  Compression: optional(enumeration("SNAPPY when absent.", ["UNCOMPRESSED", "GZIP", "SNAPPY"])),
  EnableDictionaryCompression: optional(boolean("False when absent.")),
  MaxPaddingBytes: optional(integer("0 when absent.", { min: 0 })),
  WriterVersion: optional(enumeration("V1 when absent.", ["V1", "V2"])),
})

const orcSerDe = structure("Writes Apache ORC.", {
  StripeSizeBytes: optional(integer("64 MiB when absent.", { min: 8_388_608 })),
  BlockSizeBytes: optional(blockSizeBytes),
  RowIndexStride: optional(integer("Rows between index entries; 10,000 when absent.", { min: 1000 })),
  EnablePadding: optional(boolean("False when absent.")),
  PaddingTolerance: optional(double("0.05 when absent.", proportion)),
  Compression: optional(enumeration("SNAPPY when absent.", ["NONE", "ZLIB", "SNAPPY"])),
  BloomFilterColumns: optional(list("Columns with a Bloom filter.", word)),
  BloomFilterFalsePositiveProbability: optional(double("0.05 when absent.", proportion)),
  DictionaryKeyThreshold: optional(double("0 when absent.", proportion)),
  FormatVersion: optional(enumeration("V0_12 when absent.", ["V0_11", "V0_12"])),
})

export const outputFormatConfiguration = structure("How objects are written.", {
  Serializer: optional(
    structure("One of the two.", { ParquetSerDe: optional(parquetSerDe), OrcSerDe: optional(orcSerDe) }),
  ),
})

/** JSON records to columns: spec/config-shapes.md, section 4. */
export const dataFormatConversionConfiguration = structure("Converts JSON records to a format of columns.", {
  SchemaConfiguration: optional(schemaConfiguration),
  InputFormatConfiguration: optional(
    structure("How records are read.", {
      Deserializer: optional(
        structure("One of the two.", {
          OpenXJsonSerDe: optional(openXJsonSerDe),
          HiveJsonSerDe: optional(hiveJsonSerDe),
        }),
      ),
    }),
  ),
  OutputFormatConfiguration: optional(outputFormatConfiguration),
  Enabled: optional(boolean("True when absent.")),
})

/** The messages of an ORC file (orc_proto.proto of apache/orc-format): the numbers of their fields. */

export const postScript = {
  footerLength: 1,
  compression: 2,
  compressionBlockSize: 3,
  version: 4,
  metadataLength: 5,
  writerVersion: 6,
  stripeStatisticsLength: 7,
  magic: 8000,
} as const

export const footer = {
  headerLength: 1,
  contentLength: 2,
  stripes: 3,
  types: 4,
  metadata: 5,
  numberOfRows: 6,
  statistics: 7,
  rowIndexStride: 8,
  writer: 9,
  calendar: 11,
  softwareVersion: 12,
} as const

export const stripeInformation = {
  offset: 1,
  indexLength: 2,
  dataLength: 3,
  footerLength: 4,
  numberOfRows: 5,
} as const

export const type = {
  kind: 1,
  subtypes: 2,
  fieldNames: 3,
  maximumLength: 4,
  precision: 5,
  scale: 6,
} as const

export const metadata = { stripeStatistics: 1 } as const
export const stripeStatistics = { columns: 1 } as const

export const columnStatistics = {
  numberOfValues: 1,
  int: 2,
  double: 3,
  string: 4,
  bucket: 5,
  decimal: 6,
  date: 7,
  binary: 8,
  timestamp: 9,
  hasNull: 10,
  bytesOnDisk: 11,
  collection: 12,
} as const

/** Of integers, doubles, decimals and dates (which have no sum) alike: only the types of the fields differ. */
export const rangeStatistics = { minimum: 1, maximum: 2, sum: 3 } as const
export const stringStatistics = { minimum: 1, maximum: 2, sum: 3, lowerBound: 4, upperBound: 5 } as const
export const bucketStatistics = { count: 1 } as const
export const binaryStatistics = { sum: 1 } as const
export const timestampStatistics = {
  minimum: 1,
  maximum: 2,
  minimumUtc: 3,
  maximumUtc: 4,
  minimumNanos: 5,
  maximumNanos: 6,
} as const

export const stripeFooter = { streams: 1, columns: 2, writerTimezone: 3 } as const
export const stream = { kind: 1, column: 2, length: 3 } as const
export const columnEncoding = { kind: 1, dictionarySize: 2, bloomEncoding: 3 } as const

export const rowIndex = { entries: 1 } as const
export const rowIndexEntry = { positions: 1, statistics: 2 } as const
export const bloomFilterIndex = { filters: 1 } as const
export const bloomFilter = { hashCount: 1, words: 2, bytes: 3 } as const

/** By their numbers. */
export const compressionKinds = ["NONE", "ZLIB", "SNAPPY"] as const
export const encodingKinds = ["DIRECT", "DICTIONARY", "DIRECT_V2", "DICTIONARY_V2"] as const
export const streamKinds = [
  "PRESENT",
  "DATA",
  "LENGTH",
  "DICTIONARY_DATA",
  "DICTIONARY_COUNT",
  "SECONDARY",
  "ROW_INDEX",
  "BLOOM_FILTER",
  "BLOOM_FILTER_UTF8",
] as const

export type CompressionKind = (typeof compressionKinds)[number]
export type EncodingKind = (typeof encodingKinds)[number]
export type StreamKind = (typeof streamKinds)[number]

/** What an enum's number stands for. */
export function named<Name extends string>(what: string, names: readonly Name[], number: number): Name {
  const name = names[number]
  if (name === undefined) throw new Error(`${what} is ${number}, which this reader does not know`)
  return name
}

/** What one stream takes at most, of PutRecord and PutRecordBatch together; undefined for as much as it can. */
export interface QuotaLimits {
  readonly recordsPerSecond: number | undefined
  /** Calls. */
  readonly requestsPerSecond: number | undefined
  /** Of records as they are stored: decoded. */
  readonly bytesPerSecond: number | undefined
}

const mebibyte = 1024 * 1024

/** Where AWS gives more: spec/ingest.md, section 10. */
const largeRegions: ReadonlySet<string> = new Set(["us-east-1", "us-west-2", "eu-west-1"])

/** What AWS gives each stream of a region, before anybody asks for more. */
export function awsQuotaLimits(region: string): QuotaLimits {
  return largeRegions.has(region)
    ? { recordsPerSecond: 500_000, requestsPerSecond: 2000, bytesPerSecond: 5 * mebibyte }
    : { recordsPerSecond: 100_000, requestsPerSecond: 1000, bytesPerSecond: mebibyte }
}

/**
 * Metrics under the names of spec/observability.md, section 1, so that what operators know from CloudWatch is found
 * again. A name is declared here once: with its meaning, and what it measures.
 */

/** Totals of a delivery stream: they only grow. */
export const counters = {
  IncomingBytes: "Bytes of records that were stored",
  IncomingRecords: "Records that were stored",
  IncomingPutRequests: "PutRecord and PutRecordBatch calls that stored records",
  "PutRecord.Bytes": "Bytes of records put by PutRecord",
  "PutRecord.Requests": "PutRecord calls that stored a record",
  "PutRecordBatch.Bytes": "Bytes of records put by PutRecordBatch",
  "PutRecordBatch.Records": "Records put by PutRecordBatch",
  "PutRecordBatch.Requests": "PutRecordBatch calls that stored records",
  ThrottledRecords: "Records that were refused because the stream was over its quota",
  "DeliveryToS3.Bytes": "Bytes of records that were delivered, before compression",
  "DeliveryToS3.Records": "Records that were delivered",
  "DeliveryToS3.Success": "Objects that were stored",
  "DeliveryToS3.ObjectCount": "Objects that were stored",
  "BackupToS3.Bytes": "Bytes of source records that were backed up, before compression",
  "BackupToS3.Records": "Source records that were backed up",
  "BackupToS3.Success": "Objects with source records that were stored",
  "ExecuteProcessing.Duration": "Milliseconds that calls of functions took",
  "ExecuteProcessing.Success": "Calls of functions that succeeded",
  "ExecuteProcessing.Invocations": "Calls of functions",
  "SucceedProcessing.Records": "Records that functions processed",
  "SucceedProcessing.Bytes": "Bytes of records that functions processed",
  "JQProcessing.Duration": "Milliseconds that jq took to find partition keys",
  "OutputDecompressedBytes.Success": "Bytes of records that were decompressed",
  "OutputDecompressedBytes.Failed": "Bytes of records that could not be decompressed",
  "OutputDecompressedRecords.Success": "Records that were decompressed",
  "OutputDecompressedRecords.Failed": "Records that could not be decompressed",
  "SucceedConversion.Records": "Records that were checked and can be converted",
  "SucceedConversion.Bytes": "Bytes of records that were checked and can be converted",
  "FailedConversion.Records": "Records that could not be converted",
  "FailedConversion.Bytes": "Bytes of records that could not be converted",
  KMSKeyAccessDenied: "Times that the key of an encrypted stream could not be used: access was denied",
  KMSKeyDisabled: "Times that the key of an encrypted stream could not be used: it was disabled",
  KMSKeyInvalidState: "Times that the key of an encrypted stream could not be used: its state did not allow it",
  KMSKeyNotFound: "Times that the key of an encrypted stream could not be used: there was none",
  "Hydrant.DeliveryRetries": "Attempts to deliver that failed and will be repeated",
  "Hydrant.FailedRecords": "Error records that were put in the error output",
  "Hydrant.ExpiredRecords": "Records that were dropped undelivered because the retention time was over",
  "Hydrant.DamagedRecords": "Records that were stored and could not be read any more",
  "Hydrant.PutsRefused": "Puts that were answered with ServiceUnavailableException",
} as const
export type CounterName = keyof typeof counters

/** What happened before it was known which delivery stream it was for. */
export const events = {
  "Hydrant.ConnectionsRefused": "Connections that were closed at once because there were connections-max",
  "Hydrant.RequestsRefused": "Requests that were refused because others took all of request-bytes-max",
} as const
export type EventName = keyof typeof events

/** How long calls of the API took, of all streams together. */
export const latencies = {
  "PutRecord.Latency": "Time to answer PutRecord",
  "PutRecordBatch.Latency": "Time to answer PutRecordBatch",
  "DescribeDeliveryStream.Latency": "Time to answer DescribeDeliveryStream",
  "ListDeliveryStreams.Latency": "Time to answer ListDeliveryStreams",
  "UpdateDeliveryStream.Latency": "Time to answer UpdateDestination",
} as const
export type LatencyName = keyof typeof latencies

/** What a delivery stream is like at the moment it is asked. */
export const gauges = {
  BytesPerSecondLimit: "Bytes of records that the stream takes in a second, by its quota",
  RecordsPerSecondLimit: "Records that the stream takes in a second, by its quota",
  PutRequestsPerSecondLimit: "PutRecord and PutRecordBatch calls that the stream takes in a second, by its quota",
  "DeliveryToS3.DataFreshness": "Age of the oldest record that is not delivered, in seconds",
  "BackupToS3.DataFreshness": "Age of the oldest source record that is not backed up, in seconds",
  ActivePartitionsLimit: "Partitions that the stream may have open at a time",
  PartitionCount: "Partitions that hold records which are not delivered",
  PerPartitionThroughput: "Bytes per second that each open partition took in the last whole minute",
  PartitionCountExceeded: "1 when a record went to the error output in the last minute for want of a partition",
  "Hydrant.BacklogRecords": "Records that are not delivered",
  "Hydrant.LogBytes": "Bytes that the stream's log takes on the disk",
} as const
export type GaugeName = keyof typeof gauges

export interface Metrics {
  add(name: CounterName, streamName: string, amount: number): void
  /** Counts one more. */
  event(name: EventName): void
  latency(name: LatencyName, durationMs: number): void
  /** Registers how a gauge of a stream is read; undefined means that there is nothing to tell now. */
  gauge(name: GaugeName, streamName: string, read: () => number | undefined): void
  /** Drops everything that was kept of a stream. */
  forget(streamName: string): void
  /** All of it in Prometheus' text format. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>
}

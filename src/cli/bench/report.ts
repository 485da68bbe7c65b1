import { formatBytes, formatCount } from "../quantities.ts"
import { type Column, tableLines } from "../table.ts"
import type { Latencies } from "./latencies.ts"
import type { LoadEnd } from "./load.ts"
import type { PutShape } from "./signed-puts.ts"
import type { Tally } from "./tally.ts"

/** A load that is over. */
export interface LoadResult extends LoadEnd {
  readonly endpoint: string
  readonly shape: PutShape
  readonly connectionCount: number
  readonly requestsPerSecond: number | undefined
  readonly tally: Tally
  /** How much of the time this process was at work, from 0 to 1: near 1 it is the client that was measured. */
  readonly clientBusy: number
}

const quantiles = { p50: 0.5, p90: 0.9, p99: 0.99, "p99.9": 0.999 } as const

/** For programs: one object, figures unrounded but for durations. */
export function reportJson(result: LoadResult): string {
  const { endpoint, shape, connectionCount, requestsPerSecond, tally, elapsedMs, unsentCount, clientBusy } = result
  const { operation, streamName, recordBytes, recordsPerRequest } = shape
  const { latencies } = tally
  const roundMs = (durationMs: number | undefined) => durationMs && Math.round(durationMs * 1000) / 1000
  const quantileEntries = Object.entries(quantiles).map(([name, fraction]) => [
    name,
    roundMs(latencies.quantileMs(fraction)),
  ])
  return JSON.stringify({
    endpoint,
    streamName,
    operation,
    connections: connectionCount,
    recordBytes,
    recordsPerRequest,
    ratePerSecond: requestsPerSecond,
    seconds: Math.round(elapsedMs) / 1000,
    requests: tally.requestCount,
    storedRecords: tally.storedRecords,
    storedBytes: tally.storedRecords * recordBytes,
    refusedRecords: tally.refusedRecords,
    unsentRequests: unsentCount,
    latencyMs: { ...Object.fromEntries(quantileEntries), max: roundMs(latencies.maxMs) },
    errors: [...tally.refusals].map(([error, counts]) => ({
      error,
      requests: counts.requestCount,
      records: counts.recordCount,
    })),
    clientBusy: Math.round(clientBusy * 100) / 100,
  })
}

/** For people: the lines of its tables, none wider than `width`. */
export function reportLines(result: LoadResult, width: number): readonly string[] {
  const { tally, unsentCount, clientBusy } = result
  const table = (columns: readonly Column[], rows: readonly (readonly string[])[]) => [
    "",
    ...tableLines(columns, rows, width),
  ]
  return [
    describeLoad(result),
    ...table(totalColumns, totalRows(result)),
    ...table(latencyColumns, [latencyRow(tally.latencies)]),
    ...(tally.refusals.size === 0 ? [] : table(errorColumns, errorRows(tally))),
    ...(unsentCount === 0
      ? []
      : ["", `${formatCount(unsentCount)} requests were due and not sent: no connection was free for them`]),
    ...(clientBusy < 0.9
      ? []
      : [
          "",
          `This process was busy ${(clientBusy * 100).toFixed(0)}% of the time: the endpoint may do more than it asked for`,
        ]),
  ]
}

function describeLoad({ endpoint, shape, connectionCount, requestsPerSecond, elapsedMs }: LoadResult): string {
  const { operation, streamName, recordBytes, recordsPerRequest } = shape
  const what = operation === "put-record" ? "PutRecord" : `PutRecordBatch of ${formatCount(recordsPerRequest)} records`
  const pace = requestsPerSecond === undefined ? "" : `, ${formatCount(requestsPerSecond)} requests a second`
  return (
    `${what} of ${formatBytes(recordBytes)} into ${streamName} at ${endpoint}: ` +
    `${(elapsedMs / 1000).toFixed(1)} s over ${formatCount(connectionCount)} connections${pace}`
  )
}

const totalColumns = [
  { title: "" },
  { title: "IN ALL", align: "right" },
  { title: "A SECOND", align: "right" },
] as const

function totalRows({ tally, shape, elapsedMs }: LoadResult): readonly (readonly string[])[] {
  const row = (name: string, total: number, format: (amount: number) => string) => [
    name,
    format(total),
    format(Math.round((total / Math.max(1, elapsedMs)) * 1000)),
  ]
  return [
    row("requests", tally.requestCount, formatCount),
    row("records stored", tally.storedRecords, formatCount),
    row("bytes stored", tally.storedRecords * shape.recordBytes, formatBytes),
    row("records not stored", tally.refusedRecords, formatCount),
  ]
}

const latencyColumns = [
  { title: "LATENCY, ms" },
  ...[...Object.keys(quantiles), "max"].map((title) => ({ title, align: "right" }) as const),
]

function latencyRow(latencies: Latencies): readonly string[] {
  if (latencies.count === 0) return ["requests that stored records", ...latencyColumns.slice(1).map(() => "-")]
  const figures = [...Object.values(quantiles).map((fraction) => latencies.quantileMs(fraction) ?? 0), latencies.maxMs]
  return ["requests that stored records", ...figures.map(formatMs)]
}

/** Three digits or so: 0.43, 12.5, 1830 */
export function formatMs(durationMs: number): string {
  return durationMs.toFixed(durationMs < 10 ? 2 : durationMs < 100 ? 1 : 0)
}

const errorColumns = [
  { title: "ERROR" },
  { title: "REQUESTS", align: "right" },
  { title: "RECORDS", align: "right" },
] as const

function errorRows({ refusals }: Tally): readonly (readonly string[])[] {
  return [...refusals]
    .toSorted(([, one], [, other]) => other.recordCount - one.recordCount)
    .map(([kind, { requestCount, recordCount }]) => [kind, formatCount(requestCount), formatCount(recordCount)])
}

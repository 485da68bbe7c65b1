/**
 * Records through each processor but Lambda, against the same work done by its library alone, on one thread: what finding out what
 * is wrong with a record, keeping its error apart, and handing it on cost.
 */
import { gunzipSync, gzipSync } from "node:zlib"
import { loadJq } from "jq-wasm"
import { readEarthquakes } from "../src/cli/demo/index.ts"
import { formatCount } from "../src/cli/quantities.ts"
import { systemClock, systemRandom } from "../src/platform/index.ts"
import { type Chunk, type ConfiguredProcessor, createJqThreads, openChain } from "../src/processors/index.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { median, medianRatio } from "./statistics.ts"

const streamArn = "arn:aws:firehose:us-east-1:000000000000:deliverystream/bench"
const chunkBytes = 1024 * 1024
const namesQuery = "{type:.properties.magType,status:.properties.status}"
const query = '{type:.properties.magType,year:(.properties.time / 1000 | strftime("%Y"))}'
const signal = new AbortController().signal

export const processors: Bench = {
  name: "processors",
  about: "Records through each processor, against the same work done by its library alone",
  run: measureProcessors,
}

/** One row: what is measured, and what it is compared with. */
interface Compared {
  readonly name: string
  readonly configured: ConfiguredProcessor
  readonly records: readonly Buffer[]
  /** Does the same for all records, with nothing but the library. */
  plain(records: readonly Buffer[]): unknown
}

async function measureProcessors({ progress, quick }: BenchWorld): Promise<readonly Table[]> {
  const roundCount = quick ? 2 : 9
  const jq = createJqThreads({ threadsMax: 1 })
  const rows: (readonly string[])[] = []
  for (const { name, configured, records, plain } of await comparisons()) {
    progress(name)
    const chain = openChain([configured], {
      clock: systemClock,
      random: systemRandom,
      logger: { warn: (fields: object) => progress(JSON.stringify(fields)) },
      functions: { invoke: () => Promise.reject(new Error("There is no function here")), close: async () => {} },
      jq,
      extensions: { oneToMany: false },
    })
    const chunk = chunkOf(records)
    const processed = async () => {
      const { records: left, failures } = await chain.process(chunk, signal)
      if (failures.length > 0 || left.length === 0) throw new Error(`${name} failed: ${failures[0]?.message}`)
    }
    const [hydrant, library]: [number[], number[]] = [[], []]
    for (let round = 0; round < roundCount; round++) {
      hydrant.push(await perSecond(processed, records.length))
      library.push(await perSecond(async () => plain(records), records.length))
    }
    // The first round warms up.
    const [ours, theirs] = [hydrant.slice(1), library.slice(1)]
    const recordBytes = Math.round(records.reduce((sum, { length }) => sum + length, 0) / records.length)
    rows.push([
      name,
      formatCount(recordBytes),
      formatCount(Math.round(median(ours))),
      formatCount(Math.round(median(theirs))),
      medianRatio(ours, theirs).toFixed(2),
    ])
  }
  await jq.close()
  const columns = [
    { title: "" },
    { title: "bytes a record", align: "right" },
    { title: "Hydrant records/s", align: "right" },
    { title: "library records/s", align: "right" },
    { title: "ratio", align: "right" },
  ] as const
  return [{ title: "Processors, each by itself, on chunks of 1 MiB", columns, rows }]
}

/** As often as it takes to see something. */
async function perSecond(work: () => Promise<unknown>, count: number): Promise<number> {
  const startMs = performance.now()
  let times = 0
  while (performance.now() - startMs < 150) {
    await work()
    times++
  }
  return (times * count) / ((performance.now() - startMs) / 1000)
}

async function comparisons(): Promise<readonly Compared[]> {
  const earthquakes = (await readEarthquakes()).map((text) => Buffer.from(text.trimEnd()))
  const small = takeBytes(earthquakes, chunkBytes)
  const tens = groupsOf(small, 10).map((group) => Buffer.concat(group.flatMap((one) => [one, Buffer.from("\n")])))
  const logs = tens.map(logRecord)
  const jq = await loadJq()
  return [
    {
      name: "Decompression, zlib's gunzipSync",
      configured: { Type: "Decompression" },
      records: logs.map((one) => gzipSync(one)),
      plain: (records) => records.map((one) => gunzipSync(one)),
    },
    {
      name: "CloudWatchLogProcessing, JSON.parse",
      configured: parametersOf("CloudWatchLogProcessing", { DataMessageExtraction: "true" }),
      records: logs,
      plain: (records) =>
        records.map((one) => {
          const { logEvents }: { readonly logEvents: readonly { readonly message: string }[] } = JSON.parse(
            one.toString(),
          )
          return Buffer.from(logEvents.map(({ message }) => message).join("\n"))
        }),
    },
    {
      name: "RecordDeAggregation of JSON, JSON.parse of each line",
      configured: parametersOf("RecordDeAggregation", { SubRecordType: "JSON" }),
      records: tens,
      plain: (records) =>
        records.map((one) =>
          one
            .toString()
            .split("\n")
            .filter((line) => line !== "" && JSON.parse(line) !== null)
            .map((line) => Buffer.from(line)),
        ),
    },
    {
      name: "RecordDeAggregation of lines, split",
      configured: parametersOf("RecordDeAggregation", { SubRecordType: "DELIMITED", Delimiter: "Cg==" }),
      records: tens,
      plain: (records) =>
        records.map((one) =>
          one
            .toString()
            .split("\n")
            .map((line) => Buffer.from(line)),
        ),
    },
    {
      name: "MetadataExtraction of names alone, one call of jq-wasm",
      configured: parametersOf("MetadataExtraction", {
        MetadataExtractionQuery: namesQuery,
        JsonParsingEngine: "JQ-1.6",
      }),
      records: small,
      plain: (records) => jq.json(records.map((one) => one.toString()).join("\n"), namesQuery),
    },
    {
      name: "MetadataExtraction, one call of jq-wasm",
      configured: parametersOf("MetadataExtraction", {
        MetadataExtractionQuery: query,
        JsonParsingEngine: "JQ-1.6",
      }),
      records: small,
      plain: (records) => jq.json(records.map((one) => one.toString()).join("\n"), query),
    },
    {
      name: "AppendDelimiterToRecord, Buffer.concat",
      configured: { Type: "AppendDelimiterToRecord" },
      records: small,
      plain: (records) => records.map((one) => Buffer.concat([one, Buffer.from("\n")])),
    },
  ]
}

function parametersOf(
  Type: ConfiguredProcessor["Type"],
  parameters: Readonly<Record<string, string>>,
): ConfiguredProcessor {
  const Parameters = Object.entries(parameters).map(([ParameterName, ParameterValue]) => ({
    ParameterName,
    ParameterValue,
  }))
  return { Type, Parameters }
}

/** As CloudWatch Logs sends lines. */
function logRecord(lines: Buffer): Buffer {
  const messages = lines.toString().split("\n").slice(0, -1)
  const logEvents = messages.map((message, index) => ({ id: String(index), timestamp: 1_700_000_000_000, message }))
  const envelope = { messageType: "DATA_MESSAGE", owner: "123456789012", logGroup: "group", logStream: "stream" }
  return Buffer.from(JSON.stringify({ ...envelope, subscriptionFilters: ["all"], logEvents }))
}

function takeBytes(records: readonly Buffer[], sizeBytes: number): readonly Buffer[] {
  const taken: Buffer[] = []
  for (let bytes = 0; bytes < sizeBytes; ) {
    const next = records[taken.length % records.length]
    if (next === undefined) break
    taken.push(next)
    bytes += next.length
  }
  return taken
}

function groupsOf<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  )
}

function chunkOf(records: readonly Buffer[]): Chunk {
  const sources = records.map((data, index) => ({ data, arrivalMs: Date.now(), id: String(index) }))
  return { sources, stream: { arn: streamArn, region: "us-east-1" } }
}

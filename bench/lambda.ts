/**
 * Records through a Lambda processor whose function is a module in processes of its own, against its handler called here with
 * the same events: what building events, the way to the process and back, and reading answers cost. The CPU is this
 * process's: without the handler, where that is in others.
 */
import { writeFile } from "node:fs/promises"
import path from "node:path"
import { pathToFileURL } from "node:url"
import { readEarthquakes } from "../src/cli/demo/index.ts"
import { formatCount } from "../src/cli/quantities.ts"
import { createFunctions } from "../src/functions/index.ts"
import { systemClock, systemRandom } from "../src/platform/index.ts"
import { type Chunk, openChain } from "../src/processors/index.ts"
import type { Bench, BenchWorld, Table } from "./bench.ts"
import { median, medianRatio } from "./statistics.ts"

const arn = "arn:aws:lambda:us-east-1:000000000000:function:bench"
const streamArn = "arn:aws:firehose:us-east-1:000000000000:deliverystream/bench"
const chunkBytes = 1024 * 1024
/** As delivery processes chunks of a partition. */
const concurrency = 5

/** What most functions do: they parse a record, change it, and write it again. */
const source = `export const handler = async ({ records }) => ({
  records: records.map(({ recordId, data }) => {
    const value = JSON.parse(Buffer.from(data, "base64").toString())
    return { recordId, result: "Ok", data: Buffer.from(JSON.stringify({ ...value, seen: true }) + "\\n").toString("base64") }
  }),
})`

export const lambda: Bench = {
  name: "lambda",
  about: "Records through a Lambda processor with a local module, against its handler called with the same events",
  run: measureLambda,
}

interface Handled {
  readonly records: readonly { readonly recordId: string; readonly result: string; readonly data: string }[]
}

interface Round {
  readonly recordsPerSecond: number
  readonly cpuUs: number
}

async function measureLambda({ folder, progress, quick }: BenchWorld): Promise<readonly Table[]> {
  const file = path.join(folder, "handler.mjs")
  await writeFile(file, source)
  const { handler }: { readonly handler: (event: object) => Promise<Handled> } = await import(pathToFileURL(file).href)
  const functions = createFunctions({
    clock: systemClock,
    random: systemRandom,
    logger: { info() {}, warn: (fields: object) => progress(JSON.stringify(fields)) },
    mapped: new Map([[arn, file]]),
    timeoutMs: 60_000,
    memoryBytesMax: 256 * 1024 * 1024,
    lambda: undefined,
  })
  const chain = openChain([{ Type: "Lambda", Parameters: [{ ParameterName: "LambdaArn", ParameterValue: arn }] }], {
    clock: systemClock,
    random: systemRandom,
    logger: { warn() {} },
    functions,
    jq: { run: () => Promise.reject(new Error("There is no jq here")), close: async () => {} },
    extensions: { oneToMany: false },
  })
  const chunks = await makeChunks(quick ? 5 : 20)
  const recordCount = chunks.reduce((sum, { sources }) => sum + sources.length, 0)
  const { signal } = new AbortController()
  const ours: Round[] = []
  const alone: Round[] = []
  const theirs: Round[] = []
  try {
    // The first round warms up.
    for (let round = 0; round <= (quick ? 1 : 7); round++) {
      const measured = {
        ours: await measure(recordCount, () => sideBySide(chunks, (chunk) => chain.process(chunk, signal))),
        alone: await measure(recordCount, () => oneByOne(chunks, (chunk) => chain.process(chunk, signal))),
        theirs: await measure(recordCount, () => oneByOne(chunks, (chunk) => handleHere(chunk, handler))),
      }
      if (round === 0) continue
      ours.push(measured.ours)
      alone.push(measured.alone)
      theirs.push(measured.theirs)
    }
  } finally {
    await functions.close()
  }
  const columns = [
    { title: "" },
    { title: "records/s", align: "right" },
    { title: "CPU us", align: "right" },
    { title: "ratio", align: "right" },
    { title: "by CPU", align: "right" },
  ] as const
  const title = `${formatCount(recordCount)} records in chunks of 1 MiB: a second, and CPU of this process for each`
  const rows = [
    row(`the processor, ${concurrency} chunks at a time`, ours, theirs),
    row("the processor, one chunk at a time", alone, theirs),
    row("the handler, called here", theirs, theirs),
  ]
  return [{ title, columns, rows }]
}

async function makeChunks(count: number): Promise<readonly Chunk[]> {
  // Whole JSON texts, some 700 bytes each.
  const records = (await readEarthquakes()).map((text) => Buffer.from(text))
  let next = 0
  return Array.from({ length: count }, () => {
    const sources = []
    for (let sizeBytes = 0; sizeBytes < chunkBytes; next++) {
      const data = records[next % records.length] ?? Buffer.alloc(0)
      sources.push({ data, arrivalMs: 1_700_000_000_000 + next, id: String(next).padStart(56, "0") })
      sizeBytes += data.length
    }
    return { sources, stream: { arn: streamArn, region: "us-east-1" } }
  })
}

/** What the service does around a handler, in the plainest way: an event as JSON, and the answer's records decoded. */
async function handleHere({ sources, stream }: Chunk, handler: (event: object) => Promise<Handled>) {
  const records = sources.map(({ id, arrivalMs, data }) => ({
    recordId: id,
    approximateArrivalTimestamp: arrivalMs,
    data: Buffer.from(data).toString("base64"),
  }))
  const event = JSON.stringify({ invocationId: "1", deliveryStreamArn: stream.arn, region: stream.region, records })
  const answer: Handled = JSON.parse(JSON.stringify(await handler(JSON.parse(event))))
  return answer.records.map(({ data }) => Buffer.from(data, "base64"))
}

async function sideBySide(chunks: readonly Chunk[], work: (chunk: Chunk) => Promise<unknown>): Promise<void> {
  const waiting = [...chunks]
  const some = async () => {
    for (let chunk = waiting.pop(); chunk !== undefined; chunk = waiting.pop()) await work(chunk)
  }
  await Promise.all(Array.from({ length: concurrency }, some))
}

async function oneByOne(chunks: readonly Chunk[], work: (chunk: Chunk) => Promise<unknown>): Promise<void> {
  for (const chunk of chunks) await work(chunk)
}

async function measure(recordCount: number, work: () => Promise<void>): Promise<Round> {
  const before = process.cpuUsage()
  const startMs = performance.now()
  await work()
  const seconds = (performance.now() - startMs) / 1000
  const { user, system } = process.cpuUsage(before)
  return { recordsPerSecond: recordCount / seconds, cpuUs: (user + system) / recordCount }
}

function row(name: string, rounds: readonly Round[], others: readonly Round[]): readonly string[] {
  const figures = (all: readonly Round[], figure: keyof Round) => all.map((round) => round[figure])
  return [
    name,
    formatCount(Math.round(median(figures(rounds, "recordsPerSecond")))),
    median(figures(rounds, "cpuUs")).toFixed(2),
    medianRatio(figures(rounds, "recordsPerSecond"), figures(others, "recordsPerSecond")).toFixed(2),
    medianRatio(figures(rounds, "cpuUs"), figures(others, "cpuUs")).toFixed(2),
  ]
}

import { performance } from "node:perf_hooks"
import { DescribeDeliveryStreamCommand, FirehoseClient } from "@aws-sdk/client-firehose"
import { Command, InvalidArgumentError, Option } from "commander"
import {
  HttpConnection,
  type LoadResult,
  type PutOperation,
  type PutShape,
  RecentLoad,
  reportJson,
  reportLines,
  runLoad,
  SignedPuts,
  Tally,
} from "../bench/index.ts"
import { callFailure, connect, isLoopback, requireUrl } from "../connect.ts"
import { CommandError, Interrupted } from "../failure.ts"
import { recordBytesMax } from "../records/index.ts"
import { Progress, terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"

interface BenchFlags {
  readonly endpoint: string
  readonly stream: string
  readonly operation: PutOperation
  readonly connections: number
  readonly recordBytes: number
  readonly recordsPerBatch: number
  readonly duration: number
  readonly rate?: number
  readonly json?: true
}

/** Of the records of one call: the API takes no more. */
const batchBytesMax = 4 * 1024 * 1024
/** An endpoint that says nothing for so long is given up. */
const answerTimeoutMs = 30_000
const progressMs = 250

/** `hydrant bench`: load on an endpoint of Firehose's API, and how it fared. */
export function benchCommand(world: CliWorld): Command {
  const number = (flags: string, description: string, range: { min: number; max: number }) =>
    new Option(flags, description).argParser((text) => parseNumber(text, range))
  return new Command("bench")
    .summary("put load on an endpoint, Hydrant's or AWS's, and measure it")
    .description(
      "Puts random records into a delivery stream that exists, over connections that are kept open, and prints rates, latencies and " +
        "errors. It calls the endpoint that it is given and no other, and begins without asking: what it puts is " +
        "delivered, and AWS bills it. Nothing is put again: what is refused is counted.",
    )
    .requiredOption("--endpoint <url>", "the API to call, such as http://127.0.0.1:4573")
    .requiredOption("--stream <name>", "the delivery stream to put into")
    .addOption(
      new Option("--operation <name>", "the call to make")
        .choices(["put-record", "put-record-batch"])
        .default("put-record-batch"),
    )
    .addOption(number("--connections <count>", "each has one request under way", { min: 1, max: 4096 }).default(16))
    .addOption(number("--record-bytes <bytes>", "size of a record", { min: 1, max: recordBytesMax }).default(200))
    .addOption(number("--records-per-batch <count>", "for put-record-batch", { min: 1, max: 500 }).default(500))
    .addOption(number("--duration <seconds>", "how long", { min: 1, max: 604_800 }).default(10))
    .addOption(
      number(
        "--rate <requests>",
        "requests a second in all, evenly; latencies then count from when a request was due, also when all connections " +
          "were busy. Without it each connection sends as soon as it was answered",
        { min: 1, max: 1_000_000 },
      ),
    )
    .option("--json", "print the result as JSON")
    .action((flags: BenchFlags) => bench(world, flags))
}

async function bench(world: CliWorld, flags: BenchFlags): Promise<void> {
  const url = requireUrl(flags.endpoint)
  const shape = shapeOf(flags)
  const client = await connectSigned(world, url)
  try {
    await requireStream(client, shape.streamName, url)
    const puts = new SignedPuts({ shape, client, clock: world.clock, random: world.random })
    await puts.prepare()
    const result = await load(world, { flags, url, shape, puts })
    const out = terminal(world.stdout)
    if (flags.json) out.line(reportJson(result))
    else for (const line of reportLines(result, out.width)) out.line(line)
    if (world.interrupted.aborted) throw new Interrupted()
    if (result.tally.storedRecords === 0) throw new CommandError("No record was stored")
  } finally {
    client.destroy()
  }
}

function shapeOf({ operation, stream, recordBytes, recordsPerBatch }: BenchFlags): PutShape {
  const recordsPerRequest = operation === "put-record" ? 1 : recordsPerBatch
  if (recordBytes * recordsPerRequest > batchBytesMax) {
    throw new CommandError(
      `A batch of ${recordsPerRequest} records of ${recordBytes} bytes is larger than the 4 MiB that a call may put`,
      "Choose fewer --records-per-batch, or smaller --record-bytes",
    )
  }
  return { operation, streamName: stream, recordBytes, recordsPerRequest }
}

/** A client with the credentials and the region that the AWS SDK finds; on this machine any will do where there are none. */
async function connectSigned({ env }: CliWorld, url: string): Promise<FirehoseClient> {
  if (isLoopback(url) || (env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"]) !== undefined) return connect(url, env)
  const client = new FirehoseClient({ endpoint: url })
  try {
    await client.config.region()
    return client
  } catch (error) {
    client.destroy()
    throw new CommandError("There is no region to sign requests for", "Set AWS_REGION, or AWS_PROFILE", {
      cause: error,
    })
  }
}

/** Before anything is put: that there is such a stream, and that the credentials are good. */
async function requireStream(client: FirehoseClient, streamName: string, url: string): Promise<void> {
  try {
    await client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: streamName }))
  } catch (error) {
    throw callFailure(error, `put load on "${streamName}"`, url, "--endpoint")
  }
}

interface Load {
  readonly flags: BenchFlags
  readonly url: string
  readonly shape: PutShape
  readonly puts: SignedPuts
}

async function load(world: CliWorld, { flags, url, shape, puts }: Load): Promise<LoadResult> {
  const { clock, interrupted } = world
  const tally = new Tally(shape.operation, shape.recordsPerRequest)
  const recent = new RecentLoad(tally, clock.elapsed())
  const over = new AbortController()
  const showing = showProgress(world, recent, over.signal)
  const options = {
    connectionCount: flags.connections,
    durationMs: flags.duration * 1000,
    requestsPerSecond: flags.rate,
    clock,
    interrupted,
  }
  const before = performance.eventLoopUtilization()
  try {
    const end = await runLoad(options, {
      open: (signal) => HttpConnection.open(new URL(url), { timeoutMs: answerTimeoutMs, signal }),
      nextRequest: () => puts.next(),
      onAnswer(answer, latencyMs) {
        tally.answered(answer, latencyMs)
        recent.add(latencyMs)
      },
      onFailure: (error) => tally.failed(error),
    })
    const clientBusy = performance.eventLoopUtilization(before).utilization
    const { connectionCount, requestsPerSecond } = options
    return { ...end, endpoint: url, shape, connectionCount, requestsPerSecond, tally, clientBusy }
  } finally {
    over.abort()
    await showing
  }
}

async function showProgress({ clock, stderr }: CliWorld, recent: RecentLoad, over: AbortSignal): Promise<void> {
  const progress = new Progress(stderr, () => clock.elapsed())
  while (!over.aborted) {
    progress.show(() => recent.show(clock.elapsed()))
    await clock.sleep(progressMs, over)
  }
  progress.clear()
}

function parseNumber(text: string, { min, max }: { readonly min: number; readonly max: number }): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
}

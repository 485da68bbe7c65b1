import path from "node:path"
import {
  CreateDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  type FirehoseClient,
  ListDeliveryStreamsCommand,
  ResourceInUseException,
} from "@aws-sdk/client-firehose"
import { Command } from "commander"
import { settings } from "../../config/index.ts"
import { type DeliveredObject, readFlushAnswer } from "../admin-answers.ts"
import { adminOption, adminUrl, askAdmin } from "../admin-client.ts"
import { callFailure, connect, endpointOption, endpointUrl, isLoopback } from "../connect.ts"
import { findLocally, firstLines, readEarthquakes } from "../demo/index.ts"
import { CommandError, connectionProblem, Interrupted } from "../failure.ts"
import { aborted } from "../interruption.ts"
import { loadSettings, serverLogger, startHere } from "../local-server.ts"
import { formatBytes, formatCounted, formatSeconds } from "../quantities.ts"
import { batchLimits, type LineRecord, putBatch, Sender } from "../records/index.ts"
import { cutTo, Progress, type Terminal, terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"

const streamName = "earthquakes"

interface DemoFlags {
  readonly endpointUrl?: string
  readonly adminUrl?: string
  readonly exit?: true
}

/** The server that the demo talks to, and how to stop it when the demo started it. */
interface DemoServer {
  readonly apiUrl: string
  readonly adminUrl: string
  /** Where its buckets are likely to be, when they are folders. */
  readonly dataFolder: string
  readonly stop: (() => Promise<void>) | undefined
}

/** `hydrant demo`: the first try. The main job, on real records, and where the result is. */
export function demoCommand(world: CliWorld): Command {
  return new Command("demo")
    .summary("see it work: real records in, compressed objects out")
    .description(
      "Starts a server, unless one answers already, and puts a week of the world's earthquakes into a delivery stream; " +
        "then shows the objects that came of them, and how to go on. The server stays up until Ctrl-C.",
    )
    .addOption(endpointOption())
    .addOption(adminOption())
    .option("--exit", "stop when the objects are shown")
    .action((flags: DemoFlags) => demo(world, flags))
}

async function demo(world: CliWorld, flags: DemoFlags): Promise<void> {
  const out = terminal(world.stdout)
  const server = await findOrStart(world, flags)
  try {
    const whose = server.stop === undefined ? "A server was up already" : "Started a server"
    step(out, `${whose} at ${server.apiUrl}`)
    await deliverEarthquakes(world, out, server)
    showHowToGoOn(world, out, server)
    if (server.stop !== undefined && !flags.exit) {
      out.line("The server is up; Ctrl-C stops it.")
      await aborted(world.interrupted)
      out.line("\nStopping: what was put is kept, and delivered when it is started again.")
    }
  } finally {
    await server.stop?.()
  }
}

async function findOrStart(world: CliWorld, flags: DemoFlags): Promise<DemoServer> {
  const apiUrl = endpointUrl(flags.endpointUrl, world.env)
  const client = await connect(apiUrl, world.env)
  try {
    await client.send(new ListDeliveryStreamsCommand({ Limit: 1 }), { abortSignal: world.interrupted })
    const dataFolder = settings.dataFolder.default
    return { apiUrl, adminUrl: adminUrl(flags.adminUrl, world.env), dataFolder, stop: undefined }
  } catch (error) {
    if (world.interrupted.aborted) throw new Interrupted()
    if (connectionProblem(error) === undefined || !isLoopback(apiUrl)) {
      throw callFailure(error, "list the delivery streams", apiUrl)
    }
  } finally {
    client.destroy()
  }
  const asked = {
    ...listenFlags(apiUrl, endpointUrl(undefined, {}), ["listenAddress", "listenPort"]),
    ...listenFlags(adminUrl(flags.adminUrl, world.env), adminUrl(undefined, {}), [
      "adminListenAddress",
      "adminListenPort",
    ]),
  }
  const given = await loadSettings(world, { flags: asked, settingsFile: undefined })
  // Only what goes wrong: the demo itself tells the rest.
  const logger = serverLogger({ logLevel: "warn", logFormat: "pretty" }, world.stderr)
  const server = await startHere(given, logger)
  return { ...server, dataFolder: given.dataFolder, stop: () => server.close() }
}

/** The settings that have a server listen at `url`; none when it is the one that everything uses by default. */
function listenFlags(
  url: string,
  byDefault: string,
  [address, port]: readonly [string, string],
): Record<string, string> {
  if (url === byDefault) return {}
  const { hostname, port: given } = new URL(url)
  return { [address]: hostname.replace(/^\[(.*)\]$/, "$1"), [port]: given || "80" }
}

async function deliverEarthquakes(world: CliWorld, out: Terminal, server: DemoServer): Promise<void> {
  const client = await connect(server.apiUrl, world.env)
  try {
    const isNew = await makeStream(world, client).catch((error: unknown) => {
      throw callFailure(error, `make the delivery stream "${streamName}"`, server.apiUrl)
    })
    step(out, isNew ? `Made the delivery stream ${streamName}` : `The delivery stream ${streamName} is there already`)

    const startMs = world.clock.elapsed()
    const { recordCount, sizeBytes } = await putEarthquakes(world, client).catch((error: unknown) => {
      throw callFailure(error, `put records into "${streamName}"`, server.apiUrl)
    })
    const seconds = formatSeconds((world.clock.elapsed() - startMs) / 1000)
    step(out, `Put ${formatCounted(recordCount, "earthquake")} (${formatBytes(sizeBytes)}) in ${seconds}`)
  } finally {
    client.destroy()
  }
  const flush = { method: "POST", path: `/streams/${streamName}/flush` } as const
  const { body } = await askAdmin(server.adminUrl, flush, world.interrupted, [504])
  const { complete, delivered } = readFlushAnswer(body)
  if (!complete) {
    throw new CommandError(
      "The records were not delivered within a minute",
      "They are kept and delivery goes on; the lines above, or the server's log, say what holds it up",
    )
  }
  step(out, `Delivered them in ${formatCounted(delivered.length, "object")}`)
  await showObjects(world, out, delivered, server.dataFolder)
}

/** Answers whether it was made now. Its buffer has room for a week of earthquakes, so that they become one object. */
async function makeStream(world: CliWorld, client: FirehoseClient): Promise<boolean> {
  try {
    await client.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName: streamName,
        ExtendedS3DestinationConfiguration: {
          RoleARN: "arn:aws:iam::000000000000:role/hydrant",
          BucketARN: "arn:aws:s3:::demo",
          Prefix: "earthquakes/!{timestamp:yyyy/MM/dd}/",
          ErrorOutputPrefix: "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/",
          BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 60 },
          CompressionFormat: "GZIP",
        },
      }),
    )
  } catch (error) {
    if (error instanceof ResourceInUseException) return false
    throw error
  }
  while (!world.interrupted.aborted) {
    const described = await client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: streamName }))
    if (described.DeliveryStreamDescription?.DeliveryStreamStatus === "ACTIVE") return true
    await world.clock.sleep(50, world.interrupted)
  }
  throw new Interrupted()
}

async function putEarthquakes(world: CliWorld, client: FirehoseClient) {
  const progress = new Progress(world.stderr, () => world.clock.elapsed())
  const earthquakes = await readEarthquakes()
  let recordCount = 0
  let sizeBytes = 0
  const send = async (batch: readonly LineRecord[]) => {
    const { refused, refusalCode } = await putBatch({ ...world, client, streamName }, batch)
    if (refused.length > 0)
      throw new Error(`the server refuses ${formatCounted(refused.length, "record")}: ${refusalCode}`)
    recordCount += batch.length
    sizeBytes += batch.reduce((sum, { data }) => sum + data.byteLength, 0)
    progress.show(() => `Putting earthquakes: ${formatCounted(recordCount, "record")}`)
  }
  const sender = new Sender(send, { ...batchLimits, inFlightMax: 4 })
  for (const [index, line] of earthquakes.entries()) {
    if (world.interrupted.aborted) throw new Interrupted()
    await sender.add({ lineNumber: index + 1, data: Buffer.from(line) })
  }
  await sender.finish()
  progress.clear()
  return { recordCount, sizeBytes }
}

async function showObjects(
  world: CliWorld,
  out: Terminal,
  delivered: readonly DeliveredObject[],
  dataFolder: string,
): Promise<void> {
  out.line()
  const files: string[] = []
  for (const { location, recordCount, sizeBytes } of delivered) {
    const local = await findLocally(location, path.resolve(world.workingFolder, dataFolder))
    const amount = `${formatCounted(recordCount, "record")}, ${formatBytes(sizeBytes)}`
    out.line(`  ${out.paint("cyan", local === undefined ? location : shownPath(world, local.file))}`)
    out.line(`  ${local === undefined ? amount : `${amount}, compressed to ${formatBytes(local.storedBytes)}`}`)
    out.line()
    if (local !== undefined) files.push(local.file)
  }
  const [first] = files
  if (first === undefined) return
  out.line(`  How it begins, decompressed:`)
  // Records are long: what is read as a whole, from a pipe, is cut too.
  const width = Math.min(out.width, 100) - 2
  for (const line of await firstLines(first, 3)) out.line(`  ${out.paint("dim", cutTo(width, line))}`)
}

function showHowToGoOn(world: CliWorld, out: Terminal, server: DemoServer): void {
  const name = world.programName
  const toApi = server.apiUrl === endpointUrl(undefined, world.env) ? "" : ` --endpoint-url ${server.apiUrl}`
  const toAdmin = server.adminUrl === adminUrl(undefined, world.env) ? "" : ` --admin-url ${server.adminUrl}`
  out.line(`
${out.paint("bold", "Go on")}

A record of your own, from any AWS client:

  export AWS_ACCESS_KEY_ID=any
  export AWS_SECRET_ACCESS_KEY=any
  export AWS_DEFAULT_REGION=us-east-1
  aws firehose put-record \\
    --endpoint-url ${server.apiUrl} \\
    --delivery-stream-name ${streamName} \\
    --cli-binary-format raw-in-base64-out \\
    --record '{"Data":"hello\\n"}'

(Version 1 of the AWS CLI wants that without the line that begins with --cli.)

Every line of a file, as records:

  ${name} put ${streamName} FILE${toApi}

Delivered now, and how streams are:

  ${name} flush ${streamName}${toAdmin}
  ${name} streams list${toAdmin}
`)
}

function step(out: Terminal, text: string): void {
  out.line(`${out.paint("green", "✓")} ${text}`)
}

/** Relative below the working folder, which is shorter and can be copied all the same. */
function shownPath({ workingFolder }: CliWorld, file: string): string {
  const relative = path.relative(workingFolder, file)
  return relative.startsWith("..") ? file : relative
}

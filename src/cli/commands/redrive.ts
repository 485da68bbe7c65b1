import { createHash } from "node:crypto"
import path from "node:path"
import { DescribeDeliveryStreamCommand, type FirehoseClient } from "@aws-sdk/client-firehose"
import { Command, InvalidArgumentError, Option } from "commander"
import { settings } from "../../config/index.ts"
import { ReadFailure } from "../../objects/index.ts"
import { lockFolder, systemDisk } from "../../platform/index.ts"
import { callFailure, connect, endpointOption, endpointUrl } from "../connect.ts"
import { CommandError, Interrupted } from "../failure.ts"
import { loadSettings } from "../local-server.ts"
import { formatBytes, formatCount, formatCounted, formatSeconds } from "../quantities.ts"
import { batchLimits, putBatch, Sender } from "../records/index.ts"
import {
  errorTypes,
  type FailedRecord,
  openErrorObjects,
  type Problem,
  PutNotes,
  readErrorObjects,
  type Selection,
  Tally,
} from "../redrive/index.ts"
import { settingOptions, settingsFile, settingsFileOption } from "../setting-options.ts"
import { tableLines } from "../table.ts"
import { Progress, type Terminal, terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"

interface RedriveFlags {
  readonly endpointUrl?: string
  readonly errorType?: (typeof errorTypes)[number][]
  readonly errorCode?: string[]
  readonly since?: number
  readonly until?: number
  readonly dryRun?: true
  readonly state?: string
  readonly json?: true
  readonly config?: string
  readonly dataFolder?: string
  readonly s3Endpoint?: string
}

/** How many problems are told as they are met; all are counted. */
const shownProblemsMax = 20

/** `hydrant redrive`: the records of error objects are put back into a stream. */
export function redriveCommand(world: CliWorld): Command {
  const command = new Command("redrive")
    .summary("put the records of error objects back into a delivery stream")
    .description(
      "Reads error objects, of any destination and compressed or not, and puts the source records in them into a stream. " +
        "What was put is noted after each batch, so that it can be repeated: nothing is put twice, but for the one batch that " +
        "was under way when this was killed.",
    )
    .argument("<stream>", "the delivery stream's name")
    .argument("<objects>", "the error objects: s3://BUCKET/PREFIX, a folder, or a file")
    .addOption(endpointOption())
    .addOption(
      repeatable(
        "--error-type <type>",
        "only objects of this error output type, as their keys name it",
        parseErrorType,
      ),
    )
    .addOption(
      repeatable("--error-code <code>", "only records with this error code, such as Lambda.FunctionError", String),
    )
    .addOption(
      new Option("--since <time>", "only records whose last attempt ended at this time or later").argParser(
        parseTimeMs,
      ),
    )
    .addOption(
      new Option("--until <time>", "only records whose last attempt ended before this time").argParser(parseTimeMs),
    )
    .option("--dry-run", "put nothing: show what would be put")
    .option(
      "--state <folder>",
      "where to note what was put, for each stream another (XDG_STATE_HOME; ~/.local/state/hydrant/redrive/STREAM-...)",
    )
    .option("--json", "print the summary as JSON")
  const options = [settings.dataFolder, settings.s3Endpoint].flatMap(settingOptions)
  for (const option of [...options, settingsFileOption()]) command.addOption(option)
  return command.action((streamName: string, objects: string, flags: RedriveFlags) =>
    redrive(world, { streamName, objects, flags }),
  )
}

interface Asked {
  readonly streamName: string
  readonly objects: string
  readonly flags: RedriveFlags
}

async function redrive(world: CliWorld, { streamName, objects: place, flags }: Asked): Promise<void> {
  const startMs = world.clock.now()
  const url = endpointUrl(flags.endpointUrl, world.env)
  const objects = await openErrorObjects(place, world.workingFolder, () => {
    const { config, dataFolder, s3Endpoint } = flags
    return loadSettings(world, { flags: { dataFolder, s3Endpoint }, settingsFile: settingsFile(config, world.env) })
  })
  const client = await connect(url, world.env)
  try {
    const stream = await describe(world, client, streamName, url)
    const stateFolder = flags.state ?? defaultStateFolder(world.env, streamName, stream)
    const folder = path.resolve(world.workingFolder, stateFolder)
    const run = { world, client, url, streamName, objects, stream, folder, startMs, flags }
    await (flags.dryRun ? redriveInto(run) : withLock(folder, () => redriveInto(run)))
  } finally {
    client.destroy()
    await objects.reader.close()
  }
}

interface Run {
  readonly world: CliWorld
  readonly client: FirehoseClient
  readonly url: string
  readonly streamName: string
  readonly objects: Awaited<ReturnType<typeof openErrorObjects>>
  readonly stream: NotedStream
  /** Of the notes. */
  readonly folder: string
  readonly startMs: number
  readonly flags: RedriveFlags
}

type NotedStream = Parameters<typeof PutNotes.open>[0]["stream"]

async function redriveInto(run: Run): Promise<void> {
  const { world, client, url, streamName, objects, folder, startMs, flags } = run
  const isDry = flags.dryRun === true
  const notes = await PutNotes.open({ disk: systemDisk, folder, stream: run.stream, writable: !isDry })
  const tally = new Tally()
  const beganMs = world.clock.elapsed()
  const seconds = () => Math.max(0.001, (world.clock.elapsed() - beganMs) / 1000)
  const progress = new Progress(world.stderr, () => world.clock.elapsed())
  let location = ""
  const showProgress = () =>
    progress.show(() => {
      const rate = formatCount(tally.recordCount / seconds())
      return `${formatCounted(tally.recordCount, "record")}  ${formatBytes(tally.sizeBytes)}  ${rate} records/s  ${location}`
    })
  tally.onProblem = (problem) => {
    if (flags.json || tally.problemCount > shownProblemsMax) return
    progress.clear()
    world.stderr.write(`${problemLine(problem)}\n`)
  }

  const send = async (batch: readonly FailedRecord[]) => {
    const { requestCount, refused, refusalCode } = await putBatch({ ...world, client, streamName }, batch).catch(
      (error: unknown) => {
        throw callFailure(error, `put records into "${streamName}"`, url)
      },
    )
    const refusedOnes = new Set(refused)
    const stored = batch.filter((record) => !refusedOnes.has(record))
    tally.requestCount += requestCount
    for (const record of stored) tally.count(record)
    await notes.note(stored).catch((error: unknown) => {
      throw new CommandError(
        `Cannot note in "${folder}" that ${formatCounted(stored.length, "record")} were put: ${reasonOf(error)}`,
        "They are in the stream, and would be put again",
        { cause: error },
      )
    })
    if (refused.length > 0) {
      throw new CommandError(
        `The server went on refusing ${formatCounted(refused.length, "record")} (${refusalCode})`,
        "It is asked for more than it can take: run this again later, it goes on where it was",
      )
    }
  }
  // One batch at a time: it is what a kill may have put again.
  const sender = new Sender(send, { ...batchLimits, inFlightMax: 1 })

  let failure: unknown
  try {
    const onObject = (name: string) => {
      location = name
      showProgress()
    }
    const parts = { objects, selection: selectionOf(flags), notes, tally, startMs, onObject }
    try {
      for await (const record of readErrorObjects(parts, world.interrupted)) {
        if (isDry) tally.count(record)
        else await sender.add(record)
        showProgress()
      }
    } finally {
      // What was read before a failure is still put.
      await sender.finish()
    }
  } catch (error) {
    failure = world.interrupted.aborted ? new Interrupted() : readFailure(error)
  } finally {
    progress.clear()
    await notes.close()
  }
  const summary = { streamName, isDry, folder, tally, seconds: Math.round(seconds() * 1000) / 1000 }
  showSummary(world, { ...summary, complete: failure === undefined, json: flags.json })
  if (failure !== undefined) throw failure
  if (tally.problemCount > 0) {
    const what = tally.problemCount === 1 ? "1 line or object" : `${formatCount(tally.problemCount)} lines or objects`
    throw new CommandError(
      `${what} can't be put back`,
      "Everything else is dealt with; what is mended is taken the next time",
    )
  }
}

function selectionOf({ errorType, errorCode, since, until }: RedriveFlags): Selection {
  return { errorTypes: errorType, errorCodes: errorCode, sinceMs: since, untilMs: until }
}

async function describe(world: CliWorld, client: FirehoseClient, name: string, url: string): Promise<NotedStream> {
  const answer = await client
    .send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: name }), { abortSignal: world.interrupted })
    .catch((error: unknown) => {
      throw world.interrupted.aborted ? new Interrupted() : callFailure(error, `put records into "${name}"`, url)
    })
  const { DeliveryStreamARN: arn = "", CreateTimestamp: created } = answer.DeliveryStreamDescription ?? {}
  return { arn, createTimestamp: created?.toISOString() ?? "" }
}

/** Not in the working folder: run from another one, everything would be put again. */
function defaultStateFolder(env: CliWorld["env"], streamName: string, stream: NotedStream): string {
  const home = env["HOME"]
  const states = env["XDG_STATE_HOME"] || (home === undefined ? undefined : path.join(home, ".local", "state"))
  if (states === undefined) {
    throw new CommandError("There is no home folder in which to note what was put", "Give a folder with --state")
  }
  const mark = createHash("sha256").update(`${stream.arn} ${stream.createTimestamp}`).digest("hex").slice(0, 12)
  return path.join(states, "hydrant", "redrive", `${streamName}-${mark}`)
}

/** Two at once would each put what the other one puts. */
async function withLock(folder: string, work: () => Promise<void>): Promise<void> {
  await systemDisk.makeFolder(folder).catch((error: unknown) => {
    throw new CommandError(`Cannot make "${folder}": ${reasonOf(error)}`, "Give another folder with --state", {
      cause: error,
    })
  })
  const lock = await lockFolder(folder)
  if (lock === "taken") {
    throw new CommandError(
      `Another redrive into this stream is running: it notes what it puts in "${folder}"`,
      "Wait for its end",
    )
  }
  try {
    await work()
  } finally {
    await lock.release()
  }
}

function readFailure(error: unknown): unknown {
  return error instanceof ReadFailure ? new CommandError(error.message, undefined, { cause: error }) : error
}

function problemLine({ object, line, problem }: Problem): string {
  return `${object}${line === undefined ? "" : `, line ${line}`}: ${problem}`
}

interface Summary {
  readonly streamName: string
  readonly isDry: boolean
  readonly folder: string
  readonly tally: Tally
  readonly seconds: number
  readonly complete: boolean
  readonly json: true | undefined
}

function showSummary(world: CliWorld, summary: Summary): void {
  const out = terminal(world.stdout)
  if (summary.json) {
    out.line(JSON.stringify(summaryJson(summary)))
    return
  }
  const { streamName, isDry, folder, tally, seconds } = summary
  if (tally.recordCount > 0) showTable(out, tally)
  const amount = `${formatCounted(tally.recordCount, "record")} (${formatBytes(tally.sizeBytes)}) of ${formatCounted(tally.objectCount, "object")}`
  if (isDry) out.line(`Would put ${amount} into ${streamName}`)
  else {
    const effort = `${formatCounted(tally.requestCount, "request")}, ${formatSeconds(seconds)}`
    out.line(`Put ${amount} into ${streamName}: ${effort}`)
  }
  if (tally.putBeforeCount > 0) out.line(`${formatCounted(tally.putBeforeCount, "record")} had been put before`)
  if (tally.leftOutCount > 0) out.line(`${formatCounted(tally.leftOutCount, "record")} were not asked for`)
  if (tally.newerObjectCount > 0) {
    out.line(`${formatCounted(tally.newerObjectCount, "object")} came after this had begun: the next run takes them`)
  }
  const untold = tally.problemCount - shownProblemsMax
  if (untold > 0) out.line(`${formatCounted(untold, "more problem")} are not shown; --json tells more of them`)
  if (!isDry) out.line(`What was put is noted in ${folder}`)
}

const columns = [
  { title: "ERROR TYPE" },
  { title: "ERROR CODE" },
  { title: "RECORDS", align: "right" },
  { title: "SIZE", align: "right" },
] as const

function showTable(out: Terminal, { byError }: Tally): void {
  const rows = byError.map(({ errorType, errorCode, recordCount, sizeBytes }) => [
    errorType,
    errorCode,
    formatCount(recordCount),
    formatBytes(sizeBytes),
  ])
  const [titles = "", ...lines] = tableLines(columns, rows, out.width)
  out.line(out.paint("bold", titles))
  for (const line of lines) out.line(line)
}

function summaryJson({ streamName, isDry, folder, tally, seconds, complete }: Summary) {
  const { objectCount, recordCount, sizeBytes, requestCount, putBeforeCount, leftOutCount } = tally
  const { newerObjectCount, problemCount, problems, byError } = tally
  return {
    streamName,
    dryRun: isDry,
    complete,
    recordCount,
    sizeBytes,
    objectCount,
    requestCount,
    seconds,
    byError,
    putBeforeCount,
    leftOutCount,
    newerObjectCount,
    problemCount,
    problems,
    stateFolder: folder,
  }
}

function repeatable<T>(flags: string, description: string, parse: (value: string) => T): Option {
  return new Option(flags, `${description}; may be given several times`).argParser(
    (value: string, before: readonly T[] | undefined) => [...(before ?? []), parse(value)],
  )
}

function parseErrorType(value: string): (typeof errorTypes)[number] {
  const found = errorTypes.find((type) => type === value)
  if (found !== undefined) return found
  throw new InvalidArgumentError(`It must be one of ${errorTypes.join(", ")}.`)
}

/** A time as it stands in keys and logs: UTC, unless it says otherwise. */
function parseTimeMs(value: string): number {
  const form = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?)?(Z|[+-]\d\d:\d\d)?$/
  const [, time, , , zone] = form.exec(value) ?? []
  const timeMs = Date.parse(time !== undefined && zone === undefined ? `${value}Z` : value)
  if (form.test(value) && !Number.isNaN(timeMs)) return timeMs
  throw new InvalidArgumentError("It must be a time such as 2026-11-28T14:30:00Z, or a day.")
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

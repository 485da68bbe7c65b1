import { createReadStream } from "node:fs"
import { addAbortSignal, type Readable } from "node:stream"
import { Argument, Command, InvalidArgumentError, Option } from "commander"
import { callFailure, connect, endpointOption, endpointUrl } from "../connect.ts"
import { CommandError, Interrupted, systemCode } from "../failure.ts"
import { formatBytes, formatCount, formatCounted, formatSeconds } from "../quantities.ts"
import {
  batchLimits,
  type LineRecord,
  LineSplitter,
  LineTooLong,
  putBatch,
  recordBytesMax,
  Sender,
} from "../records/index.ts"
import { Progress, terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"

interface PutFlags {
  readonly endpointUrl?: string
  readonly newline: boolean
  readonly inFlight: number
  readonly json?: true
}

/** What has been stored so far, and the first line that certainly or possibly is not. */
interface Tally {
  recordCount: number
  sizeBytes: number
  requestCount: number
  unstoredFromLine: number | undefined
}

/** `hydrant put`: lines of a file or of standard input become records. */
export function putCommand(world: CliWorld): Command {
  return new Command("put")
    .summary("put the lines of a file, or of standard input, into a delivery stream")
    .description(
      "Puts each line as a record, its newline included, in batches of up to 500 records and 4 MiB. A record that the " +
        "server refuses is put again for a while. Lines of a pipe that trickles are put as they come.",
    )
    .addArgument(new Argument("<stream>", "the delivery stream's name"))
    .addArgument(new Argument("[file]", "the file to read; standard input when it is left out, or -"))
    .addOption(endpointOption())
    .option("--no-newline", "leave the line ends out of the records")
    .addOption(
      new Option("--in-flight <count>", "batches under way at a time; 1 keeps the lines in order")
        .default(4)
        .argParser(parseInFlight),
    )
    .option("--json", "print the summary as JSON")
    .action((streamName: string, file: string | undefined, flags: PutFlags) => put(world, streamName, file, flags))
}

async function put(world: CliWorld, streamName: string, file: string | undefined, flags: PutFlags): Promise<void> {
  const url = endpointUrl(flags.endpointUrl, world.env)
  const input = openInput(world, file)
  const client = await connect(url, world.env)
  const startMs = world.clock.elapsed()
  const seconds = () => Math.max(0.001, (world.clock.elapsed() - startMs) / 1000)
  const progress = new Progress(world.stderr, () => world.clock.elapsed())
  const tally: Tally = { recordCount: 0, sizeBytes: 0, requestCount: 0, unstoredFromLine: undefined }

  const send = async (batch: readonly LineRecord[]) => {
    const { requestCount, refused, refusalCode } = await putBatch({ ...world, client, streamName }, batch).catch(
      (error: unknown) => {
        noteUnstored(tally, batch)
        throw callFailure(error, `put records into "${streamName}"`, url)
      },
    )
    const stored = refused.length === 0 ? batch : batch.filter((record) => !refused.includes(record))
    tally.requestCount += requestCount
    tally.recordCount += stored.length
    tally.sizeBytes += stored.reduce((sum, { data }) => sum + data.byteLength, 0)
    progress.show(() => {
      const rate = formatCount(tally.recordCount / seconds())
      return `${formatCounted(tally.recordCount, "record")}  ${formatBytes(tally.sizeBytes)}  ${rate} records/s`
    })
    if (refused.length > 0) {
      noteUnstored(tally, refused)
      throw new CommandError(
        `The server went on refusing ${formatCounted(refused.length, "record")} (${refusalCode})`,
        "It is asked for more than it can take: try again later, or with --in-flight 1",
      )
    }
  }
  const sender = new Sender(send, { ...batchLimits, inFlightMax: flags.inFlight })
  const splitter = new LineSplitter({ keepNewline: flags.newline, recordBytesMax })

  let failure: unknown
  try {
    // What was read before a failure of the input is still sent.
    await feed(input, splitter, sender).finally(() => sender.finish())
  } catch (error) {
    failure = world.interrupted.aborted ? new Interrupted() : inputFailure(error, file)
  } finally {
    client.destroy()
    progress.clear()
  }
  showSummary(world, {
    streamName,
    tally,
    seconds: Math.round(seconds() * 1000) / 1000,
    complete: failure === undefined,
    json: flags.json,
  })
  if (failure !== undefined) throw withResumption(failure, tally)
}

function openInput(world: CliWorld, file: string | undefined): Readable {
  if (file !== undefined && file !== "-") {
    return addAbortSignal(world.interrupted, createReadStream(file, { highWaterMark: 1024 * 1024 }))
  }
  if (world.stdin.isTTY === true) world.stderr.write("Reading lines from the keyboard; Ctrl-D ends them\n")
  return addAbortSignal(world.interrupted, world.stdin)
}

/** A file may be a named pipe: after each piece of any input, the next one may be hours away. */
async function feed(
  input: AsyncIterable<Uint8Array>,
  splitter: LineSplitter,
  sender: Sender<LineRecord>,
): Promise<void> {
  for await (const chunk of input) {
    for (const record of splitter.push(chunk)) await sender.add(record)
    sender.inputPaused()
  }
  for (const record of splitter.end()) await sender.add(record)
}

function noteUnstored(tally: Tally, records: readonly LineRecord[]): void {
  const first = records[0]?.lineNumber ?? Number.POSITIVE_INFINITY
  tally.unstoredFromLine = Math.min(tally.unstoredFromLine ?? first, first)
}

function inputFailure(error: unknown, file: string | undefined): unknown {
  if (error instanceof LineTooLong) {
    return new CommandError(
      error.message,
      "Records are lines here: is this a text file with a newline after each record?",
    )
  }
  const code = systemCode(error)
  if (code === undefined || error instanceof CommandError) return error
  const reason =
    code === "ENOENT"
      ? "there is no such file"
      : code === "EISDIR"
        ? "it is a folder"
        : code === "EACCES"
          ? "you may not read it"
          : code
  return new CommandError(`Cannot read "${file ?? "standard input"}": ${reason}`, undefined, { cause: error })
}

/** Says from which line on the input has to be put again. */
function withResumption(failure: unknown, { unstoredFromLine, recordCount }: Tally): unknown {
  if (!(failure instanceof CommandError) || unstoredFromLine === undefined || recordCount === 0) return failure
  return new CommandError(
    failure.message,
    `${failure.help === undefined ? "" : `${failure.help}.\n`}All lines before line ${unstoredFromLine} are stored; some after it may be`,
    { cause: failure.cause },
  )
}

interface Summary {
  readonly streamName: string
  readonly tally: Tally
  readonly seconds: number
  readonly complete: boolean
  readonly json: true | undefined
}

function showSummary(world: CliWorld, { streamName, tally, seconds, complete, json }: Summary): void {
  const { recordCount, sizeBytes, requestCount, unstoredFromLine } = tally
  const out = terminal(world.stdout)
  if (json) {
    const firstUnstored = unstoredFromLine === undefined ? {} : { unstoredFromLine }
    out.line(JSON.stringify({ streamName, recordCount, sizeBytes, requestCount, seconds, complete, ...firstUnstored }))
  } else if (complete || recordCount > 0) {
    const rate = formatCount(recordCount / seconds)
    const amount = `${formatCounted(recordCount, "record")} (${formatBytes(sizeBytes)})`
    const effort = `${formatCounted(requestCount, "request")}, ${formatSeconds(seconds)}, ${rate} records/s`
    out.line(`Stored ${amount} in ${streamName}: ${effort}`)
  }
}

function parseInFlight(value: string): number {
  const count = Number(value)
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count
  throw new InvalidArgumentError("It must be a whole number from 1 to 64.")
}

import fs from "node:fs/promises"
import path from "node:path"
import type { Readable } from "node:stream"
import { Command, Option } from "commander"
import { decodeBase64 } from "../../shapes/index.ts"
import { type PreviewAnswer, type PreviewedOutcome, readPreviewAnswer } from "../admin-answers.ts"
import { adminOption, adminUrl, askAdmin, timeoutOption } from "../admin-client.ts"
import { CommandError, systemCode } from "../failure.ts"
import { formatBytes } from "../quantities.ts"
import { batchLimits, LineSplitter, LineTooLong, recordBytesMax } from "../records/index.ts"
import { cutTo, type Terminal, terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"

interface PreviewFlags {
  readonly file?: string
  readonly record?: readonly string[]
  readonly base64?: true
  readonly config?: string
  readonly adminUrl?: string
  readonly timeout: number
  readonly json?: true
}

/** `hydrant preview`: what would become of records. */
export function previewCommand(world: CliWorld): Command {
  return new Command("preview")
    .summary("show what would become of records in a delivery stream, without delivering them")
    .description(
      "Has the server do to sample records what the stream would, up to where they would be stored, and shows what comes of " +
        "each: what would be delivered, in which partition and object, or why it would fail. Nothing is stored, delivered or " +
        "counted. A Lambda function of the stream is invoked, though, for real.",
    )
    .argument("[stream]", "the delivery stream's name; left out with --config")
    .option(
      "--file <file>",
      "a record a line, without its newline; standard input when neither this nor --record is given",
    )
    .addOption(
      new Option("--record <text>", "a record; may be given several times").argParser(
        (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
      ),
    )
    .option("--base64", "each record is given in base64")
    .option("--config <file>", "a stream that does not exist: the input of CreateDeliveryStream, as JSON")
    .addOption(adminOption())
    .addOption(timeoutOption())
    .option("--json", "print the answer as JSON")
    .action((streamName: string | undefined, flags: PreviewFlags) => preview(world, streamName, flags))
}

async function preview(world: CliWorld, streamName: string | undefined, flags: PreviewFlags): Promise<void> {
  if ((streamName === undefined) === (flags.config === undefined)) {
    const message = streamName === undefined ? "It is not said which stream" : "Both a stream and --config are given"
    throw new CommandError(message, "Name a stream that exists, or give --config with the definition of one")
  }
  const configuration = flags.config === undefined ? undefined : await readConfiguration(world, flags.config)
  const records = await readRecords(world, flags)
  const place = streamName === undefined ? "/preview" : `/streams/${encodeURIComponent(streamName)}/preview`
  const given = { configuration, records: records.map((record) => record.toString("base64")) }
  const { body } = await askAdmin(
    adminUrl(flags.adminUrl, world.env),
    { method: "POST", path: `${place}?timeout-seconds=${flags.timeout}`, body: JSON.stringify(given) },
    world.interrupted,
  )
  const answer = readPreviewAnswer(body)
  const out = terminal(world.stdout)
  if (flags.json) out.line(JSON.stringify(answer))
  else show(out, records, answer)
}

async function readConfiguration(world: CliWorld, file: string): Promise<unknown> {
  const text = await fs.readFile(path.resolve(world.workingFolder, file), "utf8").catch((error: unknown) => {
    throw readFailure(file, error)
  })
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CommandError(
      `"${file}" is not JSON: ${error instanceof Error ? error.message : error}`,
      "It is what aws firehose create-delivery-stream takes as --cli-input-json",
    )
  }
}

async function readRecords(world: CliWorld, flags: PreviewFlags): Promise<readonly Buffer[]> {
  if (flags.file !== undefined && flags.record !== undefined) {
    throw new CommandError("Both --file and --record are given", "Give one of them")
  }
  const given = flags.record?.map((text) => Buffer.from(text)) ?? (await readLines(world, flags.file))
  const records = flags.base64 ? given.map(decoded) : given
  if (records.length === 0) throw new CommandError("There is no record to preview", "Give a file with a record a line")
  const sizeBytes = records.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const { recordsMax, bytesMax } = batchLimits
  if (records.length > recordsMax || sizeBytes > bytesMax) {
    throw new CommandError(
      `A preview takes ${recordsMax} records and ${formatBytes(bytesMax)} at most, and these are more`,
      "A few records show as much as many: head -n 100, say",
    )
  }
  return records
}

/** Lines until there are certainly too many: a sample may be given as a file of any size, by mistake. */
async function readLines(world: CliWorld, file: string | undefined): Promise<Buffer[]> {
  const input = file === undefined || file === "-" ? world.stdin : await openFile(world, file)
  const splitter = new LineSplitter({ keepNewline: false, recordBytesMax: 2 * recordBytesMax })
  const lines: Buffer[] = []
  let sizeBytes = 0
  const add = (data: Uint8Array) => {
    lines.push(Buffer.from(data))
    sizeBytes += data.byteLength
  }
  try {
    for await (const chunk of input) {
      for (const { data } of splitter.push(chunk)) add(data)
      if (lines.length > batchLimits.recordsMax || sizeBytes > 2 * batchLimits.bytesMax) return lines
    }
    for (const { data } of splitter.end()) add(data)
    return lines
  } catch (error) {
    if (error instanceof LineTooLong) throw new CommandError(error.message, "Records are lines here")
    throw error
  }
}

async function openFile(world: CliWorld, file: string): Promise<Readable> {
  const handle = await fs.open(path.resolve(world.workingFolder, file)).catch((error: unknown) => {
    throw readFailure(file, error)
  })
  return handle.createReadStream()
}

function decoded(line: Buffer, index: number): Buffer {
  const record = decodeBase64(line.toString().trim())
  if (record !== undefined) return record
  throw new CommandError(`Record ${index + 1} is not base64`, "Leave --base64 out where records are given as they are")
}

function readFailure(file: string, error: unknown): CommandError {
  const code = systemCode(error)
  const reason = code === "ENOENT" ? "there is no such file" : code === "EISDIR" ? "it is a folder" : String(code)
  return new CommandError(`Cannot read "${file}": ${reason}`, undefined, { cause: error })
}

function show(out: Terminal, records: readonly Buffer[], { records: previewed, backup }: PreviewAnswer): void {
  const cut = (text: string) => cutTo(out.width, text)
  for (const [index, { outcomes }] of previewed.entries()) {
    out.line(out.paint("bold", cut(`${index + 1}  ${shown(records[index] ?? Buffer.alloc(0))}`)))
    for (const outcome of outcomes) for (const line of linesOf(outcome, out)) out.line(cut(line))
  }
  if (backup !== undefined) out.line(cut(`Source records are kept in ${backup}`))
}

const indent = "   "

function linesOf(outcome: PreviewedOutcome, { paint }: Terminal): string[] {
  const { kind, location = "", partition, text, base64, errorType, errorCode, errorMessage, errorRecord = "" } = outcome
  switch (kind) {
    case "dropped":
      return [`${indent}${paint("yellow", "dropped")}`]
    case "failed":
      return [
        `${indent}${paint("red", "failed")}     ${location}`,
        `${indent}${errorType}: ${errorCode}: ${errorMessage}`,
        `${indent}${escaped(errorRecord)}`,
      ]
    case "delivered":
      return [
        `${indent}${paint("green", "delivered")}  ${location}`,
        ...(partition === undefined ? [] : [`${indent}partition  ${partition}`]),
        `${indent}${text === undefined ? `base64     ${base64}` : escaped(text)}`,
      ]
  }
}

function shown(record: Buffer): string {
  const text = record.toString()
  return Buffer.from(text).equals(record) ? escaped(text) : `base64 ${record.toString("base64")}`
}

/** On one line, with what can't be seen, or would move the cursor, as JSON writes it. */
function escaped(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) =>
    JSON.stringify(character)
      .slice(1, -1)
      .replace(/^[\u007f-\u009f]$/, unicode),
  )
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
}

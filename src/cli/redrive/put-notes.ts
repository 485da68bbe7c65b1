/**
 * What was put back into a stream, in a file that grows: put.jsonl. Each write is one line of JSON.
 *
 *     {"version":1,"deliveryStreamARN":"arn:...","createTimestamp":"2026-11-28T..."}    whose notes these are
 *     [{"object":"s3://b/k","objectVersion":"...","lines":"1-500,502"}, ...]            these lines were acknowledged
 *     [{"object":"s3://b/k","objectVersion":"...","lineCount":502}, ...]                so many lines the object has
 *
 * A note is durable when `note` resolves. A crash leaves any part of the last line: such a line is cut off.
 */
import path from "node:path"
import { type Disk, type DiskFile, errorCode } from "../../platform/index.ts"
import { integer, list, optional, readShape, string, structure, type TypeOf } from "../../shapes/index.ts"
import { CommandError } from "../failure.ts"
import { LineRanges } from "./line-ranges.ts"
import { objectLines } from "./object-lines.ts"

/** The stream whose notes they are: not its name alone, which another stream may have by now, on another server too. */
export interface NotedStream {
  readonly arn: string
  /** As text, of DescribeDeliveryStream. */
  readonly createTimestamp: string
}

/** A version of an object. */
export interface NotedObject {
  /** Where it is. */
  readonly object: string
  readonly objectVersion: string
}

/** What is known of an object. */
export interface ObjectNotes {
  readonly objectVersion: string
  readonly lines: LineRanges
  /** Lines that are not blank; undefined when it was not read to its end. */
  readonly lineCount: number | undefined
}

const fileName = "put.jsonl"

const head = structure("The first line.", {
  version: integer("Of this form.", { min: 1, max: 1 }),
  deliveryStreamARN: string("The stream's ARN."),
  createTimestamp: string("When it was made."),
})
const entry = structure("What is noted of an object.", {
  object: string("Where the object is."),
  objectVersion: string("Which content it had."),
  lines: optional(string("Those that were put.")),
  lineCount: optional(integer("How many there are.", { min: 0 })),
})
const entries = list("Any other line: a write.", entry)

/** Entries that may wait for the next write: a line must not grow without end. */
const waitingMax = 1_000

export interface PutNotesOptions {
  readonly disk: Disk
  readonly folder: string
  readonly stream: NotedStream
  /** False: the file is not made, and nothing can be noted. */
  readonly writable: boolean
}

export class PutNotes {
  /** Undefined when nothing is to be noted. */
  readonly #file: DiskFile | undefined
  readonly #objects: Map<string, ObjectNotes>
  #sizeBytes: number
  /** What the next write takes along. */
  #waiting: TypeOf<typeof entry>[] = []

  /**
   * Reads what was noted, and makes the file when there is none.
   * @throws CommandError when it is another stream's, or damaged
   */
  static async open({ disk, folder, stream, writable }: PutNotesOptions): Promise<PutNotes> {
    const file = path.join(folder, fileName)
    if (writable) await disk.makeFolder(folder)
    const found = await disk.open(file, writable ? "update" : "read").catch((error: unknown) => {
      if (errorCode(error) === "ENOENT") return undefined
      throw error
    })
    if (found === undefined && !writable) return new PutNotes(undefined, new Map(), 0)
    const handle = found ?? (await disk.open(file, "create"))
    try {
      const { objects, sizeBytes } = await readNotes(handle, file, stream)
      if (!writable) {
        await handle.close()
        return new PutNotes(undefined, objects, sizeBytes)
      }
      if (sizeBytes < (await handle.size())) await handle.truncate(sizeBytes)
      const notes = new PutNotes(handle, objects, sizeBytes)
      if (sizeBytes === 0) {
        await notes.#write({ version: 1, deliveryStreamARN: stream.arn, createTimestamp: stream.createTimestamp })
        await disk.syncFolder(folder)
      }
      return notes
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  private constructor(file: DiskFile | undefined, objects: Map<string, ObjectNotes>, sizeBytes: number) {
    this.#file = file
    this.#objects = objects
    this.#sizeBytes = sizeBytes
  }

  of(object: string): ObjectNotes | undefined {
    return this.#objects.get(object)
  }

  /** Notes lines that were acknowledged; resolves when that is durable. */
  async note(records: readonly (NotedObject & { readonly lineNumber: number })[]): Promise<void> {
    const byObject = new Map<string, { readonly noted: NotedObject; readonly lines: LineRanges }>()
    for (const { object, objectVersion, lineNumber } of records) {
      const one = byObject.get(object) ?? { noted: { object, objectVersion }, lines: new LineRanges() }
      byObject.set(object, one)
      one.lines.add(lineNumber)
    }
    const put = [...byObject.values()].map(({ noted, lines }) => ({ ...noted, lines: lines.toString() }))
    await this.#write([...this.#waiting.splice(0), ...put])
    for (const { noted, lines } of byObject.values()) learn(this.#objects, noted, { lines })
  }

  /** Notes how many lines an object has. That goes to the disk later on: it only saves reading the object again. */
  async noteEnd(noted: NotedObject, lineCount: number): Promise<void> {
    if (this.#objects.get(noted.object)?.lineCount === lineCount) return
    learn(this.#objects, noted, { lineCount })
    if (this.#file === undefined) return
    this.#waiting.push({ ...noted, lineCount })
    if (this.#waiting.length >= waitingMax) await this.#write(this.#waiting.splice(0))
  }

  /** Writes what waits. May be called twice. */
  async close(): Promise<void> {
    try {
      if (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0))
    } finally {
      await this.#file?.close()
    }
  }

  async #write(line: TypeOf<typeof head> | TypeOf<typeof entries>): Promise<void> {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    if (this.#file === undefined) throw new Error("These notes were opened to be read")
    await this.#file.write([bytes], this.#sizeBytes)
    await this.#file.sync()
    this.#sizeBytes += bytes.byteLength
  }
}

/** The notes of a file, and how far it holds whole lines. */
async function readNotes(handle: DiskFile, file: string, stream: NotedStream) {
  const objects = new Map<string, ObjectNotes>()
  const endBytes = await wholeLinesBytes(handle, await handle.size())
  let sizeBytes = endBytes
  let badLine: number | undefined
  for await (const { lineNumber, text = "" } of objectLines(chunks(handle, endBytes))) {
    if (badLine !== undefined) throw damaged(file, badLine)
    if (lineNumber === 1) {
      const owner = readShape(head, parse(text))
      if (owner.kind === "read") checkOwner(owner.value, file, stream)
      else badLine = lineNumber
      continue
    }
    const read = readEntries(text)
    if (read === undefined) badLine = lineNumber
    else for (const one of read) learn(objects, one, one)
  }
  // The last line may have its end and not all before it.
  if (badLine !== undefined) sizeBytes = await wholeLinesBytes(handle, endBytes - 1)
  return { objects, sizeBytes }
}

function checkOwner({ deliveryStreamARN, createTimestamp }: TypeOf<typeof head>, file: string, stream: NotedStream) {
  if (deliveryStreamARN === stream.arn && createTimestamp === stream.createTimestamp) return
  throw new CommandError(
    `"${file}" says what was put into another stream: ${deliveryStreamARN}, made at ${createTimestamp}`,
    "Give another folder with --state. A stream that was deleted and made again is another one",
  )
}

/** The entries of a line; undefined when it is none of this form. */
function readEntries(text: string) {
  const read = readShape(entries, parse(text))
  if (read.kind !== "read") return undefined
  const parsed = read.value.map(({ lines, ...one }) => ({ ...one, lines: LineRanges.parse(lines ?? "") }))
  return parsed.every(({ lines }) => lines !== undefined) ? parsed : undefined
}

function learn(
  objects: Map<string, ObjectNotes>,
  { object, objectVersion }: NotedObject,
  { lines, lineCount }: { readonly lines?: LineRanges | undefined; readonly lineCount?: number | undefined },
): void {
  const known = objects.get(object)
  const isSame = known?.objectVersion === objectVersion
  const all = isSame ? known.lines : new LineRanges()
  if (lines !== undefined) all.addAll(lines)
  objects.set(object, { objectVersion, lines: all, lineCount: lineCount ?? (isSame ? known.lineCount : undefined) })
}

/** Where the last whole line before `endBytes` ends: what is behind it was being written when all stopped. */
async function wholeLinesBytes(handle: DiskFile, endBytes: number): Promise<number> {
  let at = endBytes
  const block = Buffer.alloc(64 * 1024)
  while (at > 0) {
    const from = Math.max(0, at - block.byteLength)
    const readBytes = await handle.read(block.subarray(0, at - from), from)
    const end = block.subarray(0, readBytes).lastIndexOf(0x0a)
    if (end >= 0) return from + end + 1
    at = from
  }
  return 0
}

async function* chunks(handle: DiskFile, sizeBytes: number): AsyncGenerator<Uint8Array> {
  const block = Buffer.alloc(256 * 1024)
  for (let at = 0; at < sizeBytes; ) {
    const readBytes = await handle.read(block.subarray(0, Math.min(block.byteLength, sizeBytes - at)), at)
    if (readBytes === 0) return
    yield block.subarray(0, readBytes)
    at += readBytes
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The one way in which JSON.parse fails; no shape takes it.
    return undefined
  }
}

function damaged(file: string, lineNumber: number): CommandError {
  return new CommandError(
    `"${file}" is damaged: its line ${lineNumber} is not one of its form`,
    "It says what was put already: mend that line, or remove it and have its lines put again",
  )
}

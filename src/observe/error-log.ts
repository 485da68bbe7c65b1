/**
 * The delivery error log: what CloudWatchLoggingOptions asks for, as files (spec/observability.md, section 2).
 *
 *     FOLDER/
 *       %2Faws%2Fkinesisfirehose%2Forders/     the log group, escaped
 *         DestinationDelivery.jsonl            the log stream, escaped: one entry a line
 *         DestinationDelivery.jsonl.old        what was there before the file grew over its limit
 *
 * It helps a person and promises nothing: it is not synced, at high failure rates only samples are in it, and when it
 * can't be written delivery goes on.
 */
import path from "node:path"
import { type Clock, type Disk, type DiskFile, removeIfThere, unlessMissing } from "../platform/index.ts"
import { safeFileName } from "./file-name.ts"
import type { Logger } from "./logger.ts"

/** One failure, with the member names that AWS gives it. `processor` is told for Lambda errors only. */
export interface ErrorLogEntry {
  readonly deliveryStreamARN: string
  readonly destination: string
  readonly deliveryStreamVersionId: number
  readonly message: string
  readonly errorCode: string
  readonly processor?: string
}

export interface ErrorLogOptions {
  readonly disk: Disk
  /** Made when the first entry is written. */
  readonly folder: string
  readonly clock: Clock
  readonly logger: Pick<Logger, "warn">
  /** A file that would grow beyond this is put aside, in place of the one that was put aside before. */
  readonly fileBytesMax?: number
}

export interface ErrorLog {
  /** Takes an entry, or leaves it out when too many came lately. Never throws and never waits. */
  write(target: { readonly group: string; readonly stream: string }, entry: ErrorLogEntry): void
  /** Resolves when what was taken is written, or was tried. */
  close(): Promise<void>
}

/** Of the same error code, and of all codes together, in one file and one minute. A rare error shows among many others. */
const entriesPerMinute = { sameCode: 20, all: 200 } as const
const minuteMs = 60_000
/** Characters of a message: an endpoint may answer with a whole page. */
const messageLengthMax = 8_192

export function createErrorLog(options: ErrorLogOptions): ErrorLog {
  return new FileErrorLog(options)
}

class FileErrorLog implements ErrorLog {
  readonly #disk: Disk
  readonly #folder: string
  readonly #clock: Clock
  readonly #logger: Pick<Logger, "warn">
  readonly #fileBytesMax: number
  /** Entries of this minute, by file, and by file and code. */
  readonly #counts = new Map<string, number>()
  #minuteStartMs: number
  /** Lines that wait, by file: only files that are being written are in it. The sampling bounds them. */
  readonly #waiting = new Map<string, string[]>()
  readonly #writing = new Set<Promise<void>>()
  /** Files whose last write failed: told once, until one works again. */
  readonly #failing = new Set<string>()
  #closed = false

  constructor({ disk, folder, clock, logger, fileBytesMax = 10 * 1024 * 1024 }: ErrorLogOptions) {
    this.#disk = disk
    this.#folder = folder
    this.#clock = clock
    this.#logger = logger
    this.#fileBytesMax = fileBytesMax
    this.#minuteStartMs = clock.elapsed()
  }

  write({ group, stream }: { readonly group: string; readonly stream: string }, entry: ErrorLogEntry): void {
    const file = path.join(this.#folder, safeFileName(group), `${safeFileName(stream)}.jsonl`)
    if (this.#closed || !this.#sampled(file, entry.errorCode)) return
    const line = `${JSON.stringify(asLogged(entry, this.#clock.now()))}\n`
    const waiting = this.#waiting.get(file)
    if (waiting !== undefined) {
      waiting.push(line)
      return
    }
    this.#waiting.set(file, [line])
    const writing = this.#drain(file).finally(() => this.#writing.delete(writing))
    this.#writing.add(writing)
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#writing)
  }

  #sampled(file: string, code: string): boolean {
    if (this.#clock.elapsed() - this.#minuteStartMs >= minuteMs) {
      this.#minuteStartMs = this.#clock.elapsed()
      this.#counts.clear()
    }
    const sameCodeKey = `${file} ${code}`
    const all = this.#counts.get(file) ?? 0
    const sameCode = this.#counts.get(sameCodeKey) ?? 0
    if (all >= entriesPerMinute.all || sameCode >= entriesPerMinute.sameCode) return false
    this.#counts.set(file, all + 1)
    this.#counts.set(sameCodeKey, sameCode + 1)
    return true
  }

  /** Writes what waits for a file, and what comes meanwhile, until nothing is left. */
  async #drain(file: string): Promise<void> {
    for (;;) {
      const lines = this.#waiting.get(file)
      if (lines === undefined || lines.length === 0) break
      this.#waiting.set(file, [])
      try {
        await this.#append(file, Buffer.from(lines.join("")))
        this.#failing.delete(file)
      } catch (error) {
        if (!this.#failing.has(file)) {
          this.#failing.add(file)
          this.#logger.warn({ err: error, file }, "Cannot write the delivery error log; delivery goes on without it")
        }
      }
    }
    this.#waiting.delete(file)
  }

  /** Opened anew each time: failures are rare, and there may be a thousand streams. */
  async #append(file: string, content: Uint8Array): Promise<void> {
    let open = await this.#open(file)
    try {
      const sizeBytes = await open.size()
      if (sizeBytes > 0 && sizeBytes + content.byteLength > this.#fileBytesMax) {
        await open.close()
        await removeIfThere(this.#disk, `${file}.old`)
        await this.#disk.rename(file, `${file}.old`)
        open = await this.#open(file)
      }
      await open.write([content], await open.size())
    } finally {
      await open.close()
    }
  }

  async #open(file: string): Promise<DiskFile> {
    const existing = await this.#disk.open(file, "update").catch(unlessMissing)
    if (existing !== undefined) return existing
    await this.#disk.makeFolder(path.dirname(file))
    return await this.#disk.open(file, "create")
  }
}

/** AWS's form, and the time, which CloudWatch keeps beside an entry. */
function asLogged(entry: ErrorLogEntry, nowMs: number): object {
  return {
    timestamp: new Date(nowMs).toISOString(),
    deliveryStreamARN: entry.deliveryStreamARN,
    destination: entry.destination,
    deliveryStreamVersionId: entry.deliveryStreamVersionId,
    message: entry.message.slice(0, messageLengthMax),
    errorCode: entry.errorCode,
    ...(entry.processor === undefined ? {} : { processor: entry.processor }),
  }
}

import path from "node:path"
import type { BatchOutput } from "../destinations/index.ts"
import { advance, asPosition, type Position } from "../log/index.ts"
import { type Disk, readSealedFile, writeSealedFile } from "../platform/index.ts"
import {
  boolean,
  integer,
  type JsonObject,
  jsonObject,
  list,
  map,
  optional,
  readShape,
  string,
  structure,
  type TypeOf,
} from "../shapes/index.ts"
import type { StoredDestination } from "../streams/index.ts"
import { readOutput, storedOutput } from "./batch-output.ts"

/**
 * How far the delivery of one partition has come. Everything before `next` is delivered, but for the batches in
 * `decided`: each is a range of the log whose object is named and shaped for good, and whose delivery is not confirmed.
 * After a crash they are delivered again under the same names, so nothing is missing and nothing is there twice.
 */
export interface Checkpoint {
  readonly next: Position
  readonly decided: readonly Decided[]
  /**
   * Where there are several buffers, each takes its own part of what comes after `next`: through which position it is
   * decided already, by `outputId`.
   */
  readonly taken: Readonly<Record<string, Position>>
  /**
   * Of records that are processed before: how far their source was processed at the last decision. The spool's journal knows
   * better, and this is what is left when that is lost.
   */
  readonly sourceThrough?: Position
}

/** What a decision leaves undecided. */
export type DecidedPlace = Omit<Checkpoint, "decided">

/** A batch whose delivery was decided. */
export interface Decided {
  readonly output: BatchOutput
  readonly from: Position
  /** The position after its last record. */
  readonly to: Position
  readonly recordCount: number
  /** Records of the range that could not be read any more when this was decided. */
  readonly lostCount: number
  /** Bytes of its records. */
  readonly sizeBytes: number
  /** Bytes of the source records that they were made of. */
  readonly sourceBytes: number
  readonly oldestArrivalMs: number
  readonly newestArrivalMs: number
  /** The stream's version whose destination this is. */
  readonly streamVersion: number
  readonly destination: StoredDestination
  /** What the destination decided, for its eyes only. */
  readonly decision: JsonObject
  /** Whether an attempt may have delivered it although no answer said so. */
  readonly mayBeDelivered: boolean
}

/** The position before which everything is delivered: what the log need not keep. */
export function deliveredThrough(checkpoint: Checkpoint): Position {
  return asPosition(Math.min(checkpoint.next, ...checkpoint.decided.map((decided) => decided.from)))
}

const position = (doc: string) => integer(doc, { min: 0 })

const storedCheckpoint = structure("How far the delivery of one partition has come.", {
  next: position("Everything before is delivered or decided."),
  taken: optional(
    map("What is decided beyond, by the buffer.", string("A buffer."), position("The position after it.")),
  ),
  sourceThrough: optional(position("How far the source was processed.")),
  decided: list(
    "Decided and not confirmed.",
    structure("A batch.", {
      from: position("Its first record."),
      to: position("The position after its last record."),
      output: optional(storedOutput),
      recordCount: integer("Records."),
      lostCount: optional(integer("Records that could not be read any more; as positions tell when absent.")),
      sizeBytes: integer("Bytes of its records."),
      sourceBytes: optional(integer("Bytes of their source records; the same when absent.")),
      oldestArrivalMs: integer("Milliseconds since the epoch."),
      newestArrivalMs: integer("Milliseconds since the epoch."),
      streamVersion: integer("The stream's version."),
      destination: structure("Where it goes.", {
        id: string("DestinationId."),
        kind: string("Name in the table of destinations."),
        configuration: jsonObject("What that kind stores."),
      }),
      decision: jsonObject("What the destination decided."),
      mayBeDelivered: boolean("Whether an attempt may have succeeded."),
    }),
  ),
})

/**
 * The checkpoint kept in `file`; one that begins at `start` when there is none. It is durable when it resolves: the life before may
 * have ended after it put the file in its place and before that was synced, and what is redone by it now must not be decided anew
 * after a loss of power.
 * @throws Error when the file is damaged: delivering from the start instead could repeat a day's records unasked
 */
export async function loadCheckpoint(disk: Disk, file: string, start: Position): Promise<Checkpoint> {
  const json = await readSealedFile(disk, file)
  if (json === undefined) return { next: start, decided: [], taken: {} }
  await disk.syncFolder(path.dirname(file))
  const outcome = readShape(storedCheckpoint, json)
  if (outcome.kind === "refused") {
    throw new Error(`"${file}" is not a checkpoint: ${outcome.problems.map((problem) => problem.message).join("; ")}`)
  }
  return fromStored(outcome.value)
}

function fromStored(stored: TypeOf<typeof storedCheckpoint>): Checkpoint {
  return {
    next: asPosition(stored.next),
    taken: mapValues(stored.taken ?? {}, asPosition),
    ...(stored.sourceThrough !== undefined && { sourceThrough: asPosition(stored.sourceThrough) }),
    decided: stored.decided.map((one) => ({
      ...one,
      output: one.output === undefined ? { kind: "data" } : readOutput(one.output),
      from: asPosition(one.from),
      to: asPosition(one.to),
      lostCount: one.lostCount ?? one.to - one.from - one.recordCount,
      sourceBytes: one.sourceBytes ?? one.sizeBytes,
    })),
  }
}

function mapValues<Old, New>(
  values: Readonly<Record<string, Old>>,
  change: (value: Old) => New,
): Readonly<Record<string, New>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]))
}

/**
 * Keeps a partition's checkpoint in memory and in its file. Changes that come while the file is written are saved
 * together by the next write.
 */
export class CheckpointKeeper {
  readonly #disk: Disk
  readonly #file: string
  #current: Checkpoint
  #durable: Checkpoint
  /** The file's folder is there, and durably so. */
  #hasFolder = false
  /** The write that began last. */
  #last: Promise<void> = Promise.resolve()
  /** The one that begins when that has ended. */
  #next: Promise<void> | undefined

  constructor(disk: Disk, file: string, current: Checkpoint) {
    this.#disk = disk
    this.#file = file
    this.#current = current
    this.#durable = current
  }

  /** What the file says for certain: the next life of the process goes on from there, or from something later. */
  get durable(): Checkpoint {
    return this.#durable
  }

  get current(): Checkpoint {
    return this.#current
  }

  /**
   * Adds a decision at the end. It is in force at once in memory; call `save` before acting on it. `place`: what it leaves
   * undecided, where that is not just everything behind it.
   */
  add(decided: Decided, place: DecidedPlace = { next: decided.to, taken: {} }) {
    this.#current = { ...place, decided: [...this.#current.decided, decided] }
  }

  /** Puts a decision in the place of another one of the same range. */
  replace(old: Decided, decided: Decided) {
    this.#current = {
      ...this.#current,
      decided: this.#current.decided.map((one) => (one === old ? decided : one)),
    }
  }

  /** Takes a decision out: it is delivered, or given up. */
  remove(decided: Decided) {
    this.#current = { ...this.#current, decided: this.#current.decided.filter((one) => one !== decided) }
  }

  /** Steps over records that can't be read. They are in no batch. */
  skipTo(next: Position) {
    this.#current = { ...this.#current, next: advance(next, 0) }
  }

  /** Resolves when the checkpoint as it is now, or a later one, is durable. */
  save(): Promise<void> {
    // One write at a time: the file is replaced by way of another one, which two writes would share.
    const write = () => this.#write()
    this.#next ??= this.#last.then(write, write)
    return this.#next
  }

  async #save(written: Checkpoint) {
    if (!this.#hasFolder) await this.#disk.makeFolder(path.dirname(this.#file))
    this.#hasFolder = true
    await writeSealedFile(this.#disk, this.#file, written)
    this.#durable = written
  }

  /** Its content is taken when it begins, so it serves all who asked while the one before was written. */
  #write(): Promise<void> {
    this.#next = undefined
    const written = this.#current
    this.#last = this.#save(written)
    return this.#last
  }
}

import { type KeyError, KeyRefusedError, type StreamKeys } from "../keys/index.ts"
import { AppendError, type LogPartition, type RecordBatch } from "../log/index.ts"
import type { Clock, Disk } from "../platform/index.ts"
import type { StreamDefinition } from "../streams/index.ts"
import type { Ingest, PutOutcome } from "./ingest.ts"
import { recordIds, streamMark } from "./record-id.ts"

export interface LogIngestOptions {
  readonly disk: Disk
  /** A folder on the disk that the log writes to. */
  readonly folder: string
  readonly clock: Clock
  /** With fewer free bytes on the disk, puts are refused, so that checkpoints and catalog can still be written. */
  readonly freeBytesMin: number
}

/** How long a look at the free space of the disk is good for. */
const freeSpaceCheckMs = 1000

interface Attached {
  readonly mark: string
  /** The one that this process writes. */
  readonly partition: LogPartition
  readonly partitionNumber: number
  readonly keys: StreamKeys
}

/** Ingest into a log: of each stream into the one partition that this process writes, once that is open. */
export class LogIngest implements Ingest {
  readonly #options: LogIngestOptions
  readonly #streams = new Map<string, Attached>()
  #freeSpaceCheckedMs = Number.NEGATIVE_INFINITY
  /** What was free beyond freeBytesMin at the last look, less what was taken since. */
  #roomBytes = 0
  #diskProblem: string | undefined

  constructor(options: LogIngestOptions) {
    this.#options = options
  }

  /** Takes puts for a stream from now on. */
  attach(streamUid: string, attached: Omit<Attached, "mark">) {
    this.#streams.set(streamUid, { mark: streamMark(streamUid), ...attached })
  }

  /** Takes no more puts for a stream. */
  detach(streamUid: string) {
    this.#streams.delete(streamUid)
  }

  async put(stream: StreamDefinition, batch: RecordBatch): Promise<PutOutcome> {
    const attached = this.#streams.get(stream.uid)
    if (attached === undefined) return { kind: "unavailable", reason: "The stream's log is not open" }
    await this.#checkFreeSpace(batch.data.byteLength)
    if (this.#diskProblem !== undefined) return { kind: "unavailable", reason: this.#diskProblem }
    const { mark, partition, partitionNumber, keys } = attached
    const preparing = keys.prepare()
    const keyProblem = preparing === undefined ? undefined : await preparing
    if (keyProblem !== undefined) return withoutKey(keyProblem)
    try {
      const { position, arrivalMs, sealed } = await partition.append(batch)
      const first = { streamMark: mark, partition: partitionNumber, position, arrivalMs }
      return { kind: "stored", recordIds: recordIds(first, batch.lengths.length), sealed }
    } catch (error) {
      if (!(error instanceof AppendError)) throw error
      if (error.kind === "closed") return { kind: "gone" }
      // The key was refused between the two.
      if (error.kind === "key" && keys.problem !== undefined) return withoutKey(keys.problem)
      return { kind: "unavailable", reason: error.message }
    }
  }

  /** Looks at the disk once a second, or when what was taken since the last look may have used up what it showed. */
  async #checkFreeSpace(sizeBytes: number) {
    const { clock } = this.#options
    this.#roomBytes -= sizeBytes
    const isFresh = clock.elapsed() - this.#freeSpaceCheckedMs < freeSpaceCheckMs
    if (isFresh && (this.#roomBytes > 0 || this.#diskProblem !== undefined)) return
    this.#freeSpaceCheckedMs = clock.elapsed()
    this.#diskProblem = await this.#findDiskProblem()
  }

  async #findDiskProblem(): Promise<string | undefined> {
    const { disk, folder, freeBytesMin } = this.#options
    try {
      const freeBytes = await disk.freeBytes(folder)
      this.#roomBytes = freeBytes - freeBytesMin
      if (this.#roomBytes >= 0) return undefined
      return (
        `The disk of "${folder}" has ${freeBytes} bytes free, and ${freeBytesMin} are kept for delivery: ` +
        "free some, or lower disk-free-bytes-min"
      )
    } catch (error) {
      return `Cannot see how much of the disk of "${folder}" is free: ${error instanceof Error ? error.message : error}`
    }
  }
}

/** A key that nobody can be asked for may come with a retry; one that is refused must be told. */
function withoutKey(problem: KeyError): PutOutcome {
  return problem instanceof KeyRefusedError
    ? { kind: "key-unusable", code: problem.names.exception, reason: problem.message }
    : { kind: "unavailable", reason: problem.message }
}

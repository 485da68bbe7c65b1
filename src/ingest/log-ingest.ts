import { type KeyError, KeyRefusedError, type StreamKeys } from "../keys/index.ts"
import { AppendError, type LogPartition, type RecordBatch } from "../log/index.ts"
import type { Clock, Disk } from "../platform/index.ts"
import type { StreamDefinition } from "../streams/index.ts"
import type { Ingest, PutOutcome } from "./ingest.ts"
import { PartitionIds } from "./record-id.ts"

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
  readonly ids: PartitionIds
  /** The one that this process writes. */
  readonly partition: Pick<LogPartition, "append">
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
  attach(
    streamUid: string,
    { partitionNumber, ...attached }: Omit<Attached, "ids"> & { readonly partitionNumber: number },
  ) {
    this.#streams.set(streamUid, { ids: new PartitionIds(streamUid, partitionNumber), ...attached })
  }

  /** Takes no more puts for a stream. */
  detach(streamUid: string) {
    this.#streams.delete(streamUid)
  }

  /** Nearly always there is nothing to wait for but the log: the batch is in its queue when this returns. */
  put(stream: StreamDefinition, batch: RecordBatch): Promise<PutOutcome> {
    const attached = this.#streams.get(stream.uid)
    if (attached === undefined) return Promise.resolve(unavailable("The stream's log is not open"))
    const looking = this.#checkFreeSpace(batch.data.byteLength)
    return looking === undefined ? this.#prepare(attached, batch) : looking.then(() => this.#prepare(attached, batch))
  }

  /** Looks at the disk once a second, or when what was taken since the last look may have used up what it showed. */
  #checkFreeSpace(sizeBytes: number): Promise<void> | undefined {
    const nowMs = this.#options.clock.elapsed()
    this.#roomBytes -= sizeBytes
    const isFresh = nowMs - this.#freeSpaceCheckedMs < freeSpaceCheckMs
    if (isFresh && (this.#roomBytes > 0 || this.#diskProblem !== undefined)) return undefined
    this.#freeSpaceCheckedMs = nowMs
    return this.#findDiskProblem().then((problem) => {
      this.#diskProblem = problem
    })
  }

  #prepare(attached: Attached, batch: RecordBatch): Promise<PutOutcome> {
    if (this.#diskProblem !== undefined) return Promise.resolve(unavailable(this.#diskProblem))
    const preparing = attached.keys.prepare()
    if (preparing === undefined) return append(attached, batch)
    return preparing.then((problem) => (problem === undefined ? append(attached, batch) : withoutKey(problem)))
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

function append(attached: Attached, batch: RecordBatch, { isAgain } = { isAgain: false }): Promise<PutOutcome> {
  const { ids, partition, keys } = attached
  return partition.append(batch).then(
    ({ position, arrivalMs, sealed }) => ({
      kind: "stored",
      recordIds: ids.at({ position, arrivalMs }, batch.lengths.length),
      sealed,
    }),
    (error) => {
      if (!(error instanceof AppendError)) throw error
      if (error.kind === "closed") return { kind: "gone" }
      // The key was refused between the two.
      if (error.kind === "key" && keys.problem !== undefined) return withoutKey(keys.problem)
      if (error.kind !== "key" || isAgain) return unavailable(error.message)
      // Or another one is to be used by now, which was not at hand.
      const preparing = keys.prepare() ?? Promise.resolve(undefined)
      return preparing.then((problem) =>
        problem === undefined ? append(attached, batch, { isAgain: true }) : withoutKey(problem),
      )
    },
  )
}

function unavailable(reason: string): PutOutcome {
  return { kind: "unavailable", reason }
}

/** A key that nobody can be asked for may come with a retry; one that is refused must be told. */
function withoutKey(problem: KeyError): PutOutcome {
  return problem instanceof KeyRefusedError
    ? { kind: "key-unusable", code: problem.names.exception, reason: problem.message }
    : unavailable(problem.message)
}

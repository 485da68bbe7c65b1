import path from "node:path"
import type { Processing } from "../destinations/index.ts"
import { asPosition, type LocalLog, type LogPartition, type PartitionReader, type Position } from "../log/index.ts"
import type { Logger } from "../observe/index.ts"
import { type Disk, unlessMissing } from "../platform/index.ts"
import { type RecoveredBlock, Spool } from "../spool/index.ts"
import type { StoredDestination, StreamDefinition } from "../streams/index.ts"
import type { ActivePartitions } from "./active-partitions.ts"
import { outputId, readStoredOutput } from "./batch-output.ts"
import { type Checkpoint, CheckpointKeeper, type Decided, deliveredThrough, loadCheckpoint } from "./checkpoint.ts"
import type { DeliveredObject } from "./delivery.ts"
import { oldestArrival } from "./oldest-arrival.ts"
import { PartitionDelivery } from "./partition-delivery.ts"
import type { DeliveryWorld, PartitionLoop, Route } from "./partition-options.ts"
import { ProcessedDelivery } from "./processed-delivery.ts"
import { reportDamage } from "./report.ts"
import { SpoolKeys } from "./spool-keys.ts"
import { TrimFloors } from "./trim-floors.ts"

export interface StreamPartitionOptions extends DeliveryWorld {
  readonly disk: Disk
  readonly number: number
  readonly log: PartitionReader
  /** Holds the checkpoints of the stream's partitions. */
  readonly folder: string
  /** Holds the spools of the stream's partitions, beside their journals. */
  readonly spoolFolder: string
  /** Has the journals of the spools, each under the stream's uid and the partition's number. */
  readonly journals: LocalLog
  readonly logger: Logger
  readonly stream: () => StreamDefinition
  readonly processingOf: (stored: StoredDestination) => Processing | undefined
  readonly backupOf: (stored: StoredDestination) => StoredDestination | undefined
  readonly onDelivered: (object: DeliveredObject) => void
}

/** Files of the spool are followed by new ones at this size. */
const spoolFileBytesMax = 64 * 1024 * 1024

/**
 * One partition of a stream, with what is known of its delivery, and the loops that it has:
 *
 * - `direct`: delivers records as they came.
 * - `processed`: processes them, and delivers what comes of it.
 * - `backup`: delivers source records to a destination of their own, beside one of the others.
 *
 * A stream is direct or processed; when that changes, the loop of before delivers what it has begun, and takes nothing new.
 * Each loop has its checkpoint.
 */
export class StreamPartition {
  readonly log: PartitionReader
  readonly #options: StreamPartitionOptions
  readonly #recoveredEnd: Position
  readonly #floors: TrimFloors
  readonly #keys: SpoolKeys
  readonly #direct: CheckpointKeeper
  /** There is a checkpoint of the direct loop; without one it begins where the log does. */
  #hasDelivered: boolean
  #processed: CheckpointKeeper | undefined
  #backup: CheckpointKeeper | undefined
  #spool: Spool | undefined
  /** The journal was read from the disk, in this life. */
  #hasReadJournal = false
  #deliveryLoops: readonly PartitionLoop[] = []
  #backupLoop: PartitionLoop | undefined

  /** Tells the log which positions were used: only then may records be appended. @throws Error when a checkpoint is damaged */
  static async open(options: StreamPartitionOptions): Promise<StreamPartition> {
    const { disk, folder, log, logger, number } = options
    const recoveredEnd = log.end
    const file = path.join(folder, `${number}.checkpoint`)
    const loaded = await loadCheckpoint(disk, file, log.start)
    const hasDelivered = await isThere(disk, file)
    const partition = new StreamPartition(options, recoveredEnd, new CheckpointKeeper(disk, file, loaded), hasDelivered)
    const spool = await partition.#recoverSpool()
    await spool?.spool.close()
    const used = partition.#nextOf(spool?.spool)
    // Records beyond the log's end were used in an earlier life and lost since: their positions must not come again.
    if (used > log.end) {
      logger.warn(
        { logEnd: log.end, checkpointNext: used },
        "The log ends before the checkpoint: its last file is damaged or gone, or a write that failed was undone by a loss of power",
      )
      await log.skipTo(used)
    }
    if (spool === undefined && (await partition.#loadBackup()) === undefined) await log.trim(deliveredThrough(loaded))
    return partition
  }

  private constructor(
    options: StreamPartitionOptions,
    recoveredEnd: Position,
    direct: CheckpointKeeper,
    hasDelivered: boolean,
  ) {
    this.#hasDelivered = hasDelivered
    this.#options = options
    this.log = options.log
    this.#recoveredEnd = recoveredEnd
    this.#direct = direct
    this.#floors = new TrimFloors(options.log)
    this.#keys = new SpoolKeys(options.stream, options.log.keys)
  }

  /** Whether the loops that are started are those that the stream's definition asks for. */
  get isAsDefined(): boolean {
    const { backupOf, processingOf, stream } = this.#options
    const { destination } = stream()
    const isProcessed = this.#deliveryLoops[0] instanceof ProcessedDelivery
    const hasBackup = this.#backupLoop !== undefined
    return (
      isProcessed === (processingOf(destination) !== undefined) && hasBackup === (backupOf(destination) !== undefined)
    )
  }

  get isStarted(): boolean {
    return this.#deliveryLoops.length > 0
  }

  get oldestArrivalMs(): number | undefined {
    return oldestArrival(this.#deliveryLoops.map((loop) => loop.oldestArrivalMs))
  }

  get oldestBackupArrivalMs(): number | undefined {
    return this.#backupLoop?.oldestArrivalMs
  }

  /** Records that are not delivered; of a stream that is paused, as far as they are known. */
  get backlogRecords(): number {
    if (!this.isStarted)
      return this.log.end - later(deliveredThrough(this.#direct.current), this.#spool?.processedThrough)
    return this.#deliveryLoops.reduce((sum, loop) => sum + loop.backlogRecords, 0)
  }

  get #loops(): readonly PartitionLoop[] {
    return this.#backupLoop === undefined ? this.#deliveryLoops : [...this.#deliveryLoops, this.#backupLoop]
  }

  /** Starts the loops that the stream's definition asks for. `active`: of all partitions of the stream. */
  async start(active: ActivePartitions): Promise<void> {
    const { processingOf, backupOf, stream } = this.#options
    const { destination } = stream()
    const isProcessed = processingOf(destination) !== undefined
    const opened = (await this.#recoverSpool()) ?? (isProcessed ? await this.#openSpool() : undefined)
    const from = this.#nextOf(opened?.spool)
    const backup = backupOf(destination) === undefined ? undefined : await this.#openBackup(from)
    const isSpoolUsed = isProcessed || opened?.isNeeded === true
    if (!isSpoolUsed) await opened?.spool.close()
    // From here on all at once: a stop finds all loops, or none.
    const loops: PartitionLoop[] = []
    if (!isProcessed) this.#direct.skipTo(from)
    const hasDirect = !isProcessed || this.#direct.current.decided.length > 0
    if (hasDirect) this.#floors.set("direct", deliveredThrough(this.#direct.current))
    else this.#floors.forget("direct")
    if (isProcessed) this.#floors.set("processed", from)
    else this.#floors.forget("processed")
    if (opened !== undefined && isSpoolUsed) loops.push(this.#startProcessed(opened, from, active))
    if (hasDirect && isProcessed) loops.push(this.#startDirect(true))
    else if (hasDirect) loops.unshift(this.#startDirect(false))
    this.#deliveryLoops = loops
    this.#spool = opened?.spool
    if (backup !== undefined) this.#backupLoop = this.#startBackup(backup)
  }

  async stop(graceMs: number): Promise<void> {
    const loops = this.#loops
    const spool = this.#spool
    this.#deliveryLoops = []
    this.#backupLoop = undefined
    await Promise.all(loops.map((loop) => loop.stop(graceMs)))
    if (loops.length > 0) await spool?.close()
  }

  look(): void {
    for (const loop of this.#loops) loop.look()
  }

  /** See `Delivery.flush`. */
  async flush(signal: AbortSignal): Promise<boolean> {
    const flushed = await Promise.all(this.#loops.map((loop) => loop.flush(signal)))
    return flushed.every((isComplete) => isComplete)
  }

  /**
   * The source position that comes next, whichever loop it is for. What the journal lost at its end is processed again, and told
   * where the log does not have it any more.
   */
  #nextOf(spool: Spool | undefined): Position {
    const { next } = this.#direct.current
    if (spool === undefined) return next
    const processedThrough = spool.processedThrough ?? this.#processed?.current.sourceThrough ?? asPosition(0)
    return this.#hasDelivered ? later(next, processedThrough) : processedThrough
  }

  #startDirect(drainOnly: boolean): PartitionLoop {
    this.#hasDelivered = true
    return new PartitionDelivery({
      ...this.#options,
      recoveredEnd: this.#recoveredEnd,
      checkpoint: this.#direct,
      route: { purpose: "delivery", destination: () => this.#options.stream().destination },
      drainOnly,
      trim: async (durable) => {
        if (drainOnly && durable.decided.length === 0) this.#floors.forget("direct")
        else this.#floors.set("direct", drainOnly ? firstDecided(durable) : deliveredThrough(durable))
        await this.#floors.trim()
      },
    })
  }

  #startProcessed(
    { spool, blocks, checkpoint }: OpenedSpool,
    from: Position,
    active: ActivePartitions,
  ): ProcessedDelivery {
    const { number, processingOf, stream } = this.#options
    return new ProcessedDelivery({
      ...this.#options,
      recoveredEnd: this.#recoveredEnd,
      checkpoint,
      route: { purpose: "delivery", destination: () => stream().destination },
      spool,
      recovered: blocks,
      from,
      partition: number,
      active,
      processing: () => processingOf(stream().destination),
      prepareSealing: () => this.#keys.prepare(),
      trimSource: async (position) => {
        this.#floors.set("processed", position)
        await this.#floors.trim()
      },
    })
  }

  #startBackup(checkpoint: CheckpointKeeper): PartitionLoop {
    const { backupOf, stream } = this.#options
    let last: StoredDestination | undefined
    const destination = () => {
      last = backupOf(stream().destination) ?? last
      if (last === undefined) throw new Error("The stream's destination has no backup")
      return last
    }
    const route: Route = { purpose: "backup", destination }
    this.#floors.set("backup", deliveredThrough(checkpoint.current))
    return new PartitionDelivery({
      ...this.#options,
      recoveredEnd: this.#recoveredEnd,
      checkpoint,
      route,
      drainOnly: false,
      trim: async (durable) => {
        this.#floors.set("backup", deliveredThrough(durable))
        await this.#floors.trim()
      },
    })
  }

  /** Backup begins with what is not processed, or not delivered, when it is turned on. */
  async #openBackup(from: Position): Promise<CheckpointKeeper> {
    const backup = await this.#loadBackup()
    if (backup !== undefined) return backup
    const begun = new CheckpointKeeper(this.#options.disk, this.#backupFile, { next: from, decided: [], taken: {} })
    // Durable before anything is processed, or what is trimmed until the first backup would be missing in it.
    await begun.save()
    this.#backup = begun
    return begun
  }

  async #loadBackup(): Promise<CheckpointKeeper | undefined> {
    const { disk } = this.#options
    if (this.#backup !== undefined || !(await isThere(disk, this.#backupFile))) return this.#backup
    const loaded = await loadCheckpoint(disk, this.#backupFile, this.log.start)
    this.#backup = new CheckpointKeeper(disk, this.#backupFile, loaded)
    return this.#backup
  }

  get #backupFile() {
    return path.join(this.#options.folder, `${this.#options.number}.backup.checkpoint`)
  }

  /** The spool, if there ever was one. */
  async #recoverSpool(): Promise<OpenedSpool | undefined> {
    const { disk, spoolFolder, number } = this.#options
    const names = (await disk.list(spoolFolder).catch(unlessMissing)) ?? []
    return names.includes(String(number)) ? this.#openSpool() : undefined
  }

  async #openSpool(): Promise<OpenedSpool> {
    const { disk, folder, journals, number, random, spoolFolder, stream } = this.#options
    const journal = await journals.open({ streamUid: stream().uid, partition: number }, this.#keys)
    const file = path.join(folder, `${number}.processed.checkpoint`)
    this.#processed ??= new CheckpointKeeper(disk, file, await loadCheckpoint(disk, file, journal.start))
    const checkpoint = this.#processed
    await this.#skipUsed(journal, checkpoint.current)
    const { current } = checkpoint
    const { spool, blocks, damage } = await Spool.open(
      {
        disk,
        random,
        folder: path.join(spoolFolder, `${number}-blocks`),
        journal,
        keys: this.#keys,
        fileBytesMax: spoolFileBytesMax,
        mayDelete: !this.#hasReadJournal,
      },
      neededBy(current),
    )
    this.#hasReadJournal = true
    const lost = damage.filter(({ to }) => to > current.next)
    const lostCount = lost.reduce((sum, { recordCount = 0 }) => sum + recordCount, 0)
    if (lostCount > 0) reportDamage(this.#options, lost, lostCount)
    return { spool, blocks, checkpoint, isNeeded: blocks.length > 0 || current.decided.length > 0 }
  }

  /** Positions that were used in an earlier life must not come again, whatever the disk has lost of the journal. */
  async #skipUsed(journal: LogPartition, { next, decided, taken }: Checkpoint) {
    const used = asPosition(Math.max(next, ...decided.map(({ to }) => to), ...Object.values(taken)))
    if (used <= journal.end) return
    this.#options.logger.warn(
      { journalEnd: journal.end, checkpointNext: used },
      "The journal of processed records ends before the checkpoint: what it lost is processed again, and may be delivered twice",
    )
    await journal.skipTo(used)
  }
}

interface OpenedSpool {
  readonly spool: Spool
  readonly blocks: readonly RecoveredBlock[]
  readonly checkpoint: CheckpointKeeper
  /** Whether it holds anything that is not delivered. */
  readonly isNeeded: boolean
}

/** Tells which blocks of the spool are not delivered, by a checkpoint. */
function neededBy({ next, decided, taken }: Checkpoint) {
  const ids = new Map<string, string>()
  const idOf = (output: string) => {
    const id = ids.get(output) ?? outputId(readStoredOutput(output))
    ids.set(output, id)
    return id
  }
  const decidedBy = new Map<string, Decided[]>()
  for (const one of decided) {
    const id = outputId(one.output)
    decidedBy.set(id, [...(decidedBy.get(id) ?? []), one])
  }
  return ({ output, position }: { readonly output: string; readonly position: Position }) => {
    const id = idOf(output)
    if (decidedBy.get(id)?.some(({ from, to }) => from <= position && position < to) === true) return true
    return position >= next && position >= (taken[id] ?? 0)
  }
}

function firstDecided({ decided }: Checkpoint): Position {
  return asPosition(Math.min(...decided.map(({ from }) => from)))
}

function later(one: Position, other: Position | undefined): Position {
  return other !== undefined && other > one ? other : one
}

async function isThere(disk: Disk, file: string): Promise<boolean> {
  const opened = await disk.open(file, "read").catch(unlessMissing)
  await opened?.close()
  return opened !== undefined
}

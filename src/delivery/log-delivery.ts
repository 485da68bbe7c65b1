import path from "node:path"
import type { Destination, DestinationKind, DestinationWorld } from "../destinations/index.ts"
import { BufferPool, type LocalLog, openLocalLog, type PartitionReader } from "../log/index.ts"
import type { ErrorLog, Logger, Metrics } from "../observe/index.ts"
import type { Clock, Disk, Random } from "../platform/index.ts"
import type { StoredDestination, StreamDefinition } from "../streams/index.ts"
import { aborted } from "./aborted.ts"
import { ActivePartitions } from "./active-partitions.ts"
import { readBytes } from "./attempts.ts"
import { memoryFactor } from "./chunk-processing.ts"
import type { DeliveredObject, Delivery, FlushOutcome } from "./delivery.ts"
import { oldestArrival } from "./oldest-arrival.ts"
import type { DeliveryLimits, DeliveryWorld } from "./partition-options.ts"
import { type PreviewOutcome, type PreviewRequest, previewRecords } from "./preview.ts"
import { SharedMemory } from "./shared-memory.ts"
import { StreamPartition } from "./stream-partition.ts"

export interface DeliveryOptions {
  readonly disk: Disk
  /** Holds a folder for each stream, with a checkpoint for each of its partitions. Made when it is missing. */
  readonly folder: string
  /** Holds a folder for each stream that is processed, with what processing made of its records. Made when it is missing. */
  readonly spoolFolder: string
  readonly clock: Clock
  readonly random: Random
  readonly metrics: Omit<Metrics, "expose">
  readonly logger: Logger
  readonly errorLog: ErrorLog
  readonly kinds: readonly DestinationKind[]
  readonly world: DestinationWorld
  readonly limits: DeliveryLimits
}

/** How long attempts under way may go on when a stream is paused. */
const pauseGraceMs = 10_000
/** Memory of all attempts that are under way: of small batches, and of larger ones. */
const smallAttemptsBytesMax = 128 * 1024 * 1024
const largeAttemptsBytesMax = 256 * 1024 * 1024
/** Memory of all chunks that are processed, and again of those that wait for functions. */
const chunksBytesMax = 256 * 1024 * 1024
/** Partitions of one stream that may be open at a time: AWS's quota (spec/buffering.md, section 4). */
const activePartitionsMax = 500
/** Of the journals of what was processed: they hold little, and what holds nothing more is to be deleted soon. */
const journalLimits = {
  segmentBytesMax: 8 * 1024 * 1024,
  segmentAgeMsMax: 3_600_000,
  queueBytesMax: 64 * 1024 * 1024,
  queueAgeMsMax: 60_000,
}
/** Buffers that are kept for attempts to come: of what all of them together may hold, a small part. */
const buffersMax = 16

/** Delivery from the log of this process. */
export function createDelivery(options: DeliveryOptions): Delivery {
  return new LogDelivery(options)
}

/** A stream that is known to delivery. */
interface Delivered {
  definition: StreamDefinition
  readonly partitions: readonly StreamPartition[]
  /** Of all its partitions together; made anew whenever their loops are started. */
  active: ActivePartitions
  readonly listeners: Set<(object: DeliveredObject) => void>
  /** Its loops are started and stopped one after the other: the last of these changes. */
  change: Promise<void>
}

const noPartitions = new ActivePartitions(activePartitionsMax)

class LogDelivery implements Delivery {
  readonly #options: DeliveryOptions
  readonly #world: DeliveryWorld
  readonly #destinations: DestinationOpener
  readonly #journals: LocalLog
  readonly #streams = new Map<string, Delivered>()

  constructor(options: DeliveryOptions) {
    this.#options = options
    const { clock, random, metrics, errorLog, limits } = options
    this.#destinations = destinationOpener(options.kinds, options.world)
    const { kindOf, openDestination } = this.#destinations
    const memory = {
      small: new SharedMemory(smallAttemptsBytesMax),
      large: new SharedMemory(largeAttemptsBytesMax),
      chunks: new SharedMemory(chunksBytesMax),
      waitingChunks: new SharedMemory(chunksBytesMax),
    }
    this.#journals = openLocalLog({
      disk: options.disk,
      folder: options.spoolFolder,
      clock,
      random,
      limits: journalLimits,
      onNote: (name, note) => options.logger.warn({ ...name }, note),
    })
    const buffers = new BufferPool({ bufferBytes: readBytes, countMax: buffersMax })
    this.#world = { clock, random, metrics, errorLog, limits, kindOf, openDestination, memory, buffers }
  }

  async start(definition: StreamDefinition, logs: readonly PartitionReader[]) {
    if (this.#streams.has(definition.uid)) return this.update(definition)
    const { disk, logger } = this.#options
    const listeners = new Set<(object: DeliveredObject) => void>()
    // What partitions are given asks it for what is so by then.
    let current: () => StreamDefinition = () => definition
    const partitions = await Promise.all(
      logs.map((log, number) =>
        StreamPartition.open({
          ...this.#world,
          ...this.#destinations,
          disk,
          log,
          number,
          folder: this.#folderOf(definition.uid),
          spoolFolder: path.join(this.#options.spoolFolder, definition.uid),
          journals: this.#journals,
          logger: logger.child({ stream: definition.name, partition: number }),
          stream: () => current(),
          onDelivered: (object) => {
            for (const listener of listeners) listener(object)
          },
        }),
      ),
    )
    const stream: Delivered = { definition, partitions, listeners, active: noPartitions, change: Promise.resolve() }
    current = () => stream.definition
    this.#streams.set(definition.uid, stream)
    this.#exposeGauges(stream)
    if (definition.deliveryEnabled) await this.#change(stream, () => this.#startLoops(stream))
  }

  async update(definition: StreamDefinition) {
    const stream = this.#streams.get(definition.uid)
    if (stream === undefined) return
    stream.definition = definition
    // At once, so that nothing more is delivered as it was defined before.
    const stopped = this.#isAsDefined(stream) ? undefined : this.#stopLoops(stream, pauseGraceMs)
    await this.#change(stream, async () => {
      await stopped
      if (this.#isAsDefined(stream)) return this.#look(stream)
      await this.#stopLoops(stream, pauseGraceMs)
      if (stream.definition.deliveryEnabled) await this.#startLoops(stream)
    })
  }

  /** Whether the stream has the loops that its definition asks for: it may be paused, or its records processed since. */
  #isAsDefined({ definition, partitions }: Delivered): boolean {
    if (!definition.deliveryEnabled) return partitions.every(({ isStarted }) => !isStarted)
    return partitions.every(({ isStarted, isAsDefined }) => isStarted && isAsDefined)
  }

  #look({ partitions }: Delivered) {
    for (const partition of partitions) partition.look()
  }

  stop(streamUid: string) {
    return this.#stop(streamUid, 0)
  }

  async forget(streamUid: string) {
    await this.#options.disk.removeFolder(this.#folderOf(streamUid))
    await this.#options.disk.removeFolder(path.join(this.#options.spoolFolder, streamUid))
  }

  async close(graceMs: number) {
    await Promise.all([...this.#streams.keys()].map((uid) => this.#stop(uid, graceMs)))
    await this.#journals.close()
  }

  async flush(streamName: string, signal: AbortSignal): Promise<FlushOutcome | undefined> {
    const stream = [...this.#streams.values()].find((one) => one.definition.name === streamName)
    await Promise.race([stream?.change, aborted(signal)])
    if (stream === undefined || !stream.partitions.some(({ isStarted }) => isStarted)) return undefined
    const delivered: DeliveredObject[] = []
    const listen = (object: DeliveredObject) => delivered.push(object)
    stream.listeners.add(listen)
    const flushed = await Promise.all(stream.partitions.map((partition) => partition.flush(signal)))
    stream.listeners.delete(listen)
    return { complete: flushed.every((isComplete) => isComplete), delivered }
  }

  async preview(request: PreviewRequest, signal: AbortSignal): Promise<PreviewOutcome> {
    const { clock, random } = this.#options
    const { openDestination, backupOf } = this.#destinations
    const { destination: stored } = request.stream
    const sizeBytes = request.records.reduce((sum, { byteLength }) => sum + byteLength, 0)
    const giveBack = await this.#world.memory.chunks.take("preview", sizeBytes * memoryFactor, signal)
    if (giveBack === undefined) return { kind: "ended" }
    try {
      const backup = backupOf(stored)
      const destinations = { destination: openDestination(stored), backup: backup && openDestination(backup) }
      return await previewRecords({ clock, random, ...destinations }, request, signal)
    } finally {
      giveBack()
    }
  }

  #change(stream: Delivered, work: () => Promise<void>): Promise<void> {
    const changed = stream.change.then(work)
    // Its failure is for who asked for it; the next one is made all the same.
    stream.change = changed.catch(() => {})
    return changed
  }

  async #startLoops(stream: Delivered) {
    stream.active = new ActivePartitions(activePartitionsMax)
    await Promise.all(stream.partitions.map((partition) => partition.start(stream.active)))
  }

  async #stop(streamUid: string, graceMs: number) {
    const stream = this.#streams.get(streamUid)
    if (stream === undefined) return
    this.#streams.delete(streamUid)
    await this.#change(stream, () => this.#stopLoops(stream, graceMs))
    await this.#journals.closeStream(streamUid)
    this.#options.metrics.forget(stream.definition.name)
  }

  async #stopLoops(stream: Delivered, graceMs: number) {
    await Promise.all(stream.partitions.map((partition) => partition.stop(graceMs)))
  }

  #exposeGauges(stream: Delivered) {
    const { clock, metrics } = this.#options
    const { name } = stream.definition
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
    metrics.gauge("Hydrant.LogBytes", name, () => sum(stream.partitions.map(({ log }) => log.storedBytes)))
    metrics.gauge("Hydrant.BacklogRecords", name, () =>
      sum(stream.partitions.map(({ backlogRecords }) => backlogRecords)),
    )
    const { metricsName } = this.#world.kindOf(stream.definition.destination)
    const ageSeconds = (arrivals: readonly (number | undefined)[]) => {
      const oldestMs = oldestArrival(arrivals)
      return oldestMs === undefined ? undefined : (clock.now() - oldestMs) / 1000
    }
    const { partitions } = stream
    metrics.gauge(`${metricsName}.DataFreshness`, name, () =>
      ageSeconds(partitions.map(({ oldestArrivalMs }) => oldestArrivalMs)),
    )
    metrics.gauge("BackupToS3.DataFreshness", name, () =>
      ageSeconds(partitions.map(({ oldestBackupArrivalMs }) => oldestBackupArrivalMs)),
    )
    const ifPartitioned = (value: () => number | undefined) => () =>
      this.#destinations.processingOf(stream.definition.destination)?.partitionOf === undefined ? undefined : value()
    metrics.gauge(
      "ActivePartitionsLimit",
      name,
      ifPartitioned(() => stream.active.countMax),
    )
    metrics.gauge(
      "PartitionCount",
      name,
      ifPartitioned(() => stream.active.count),
    )
    metrics.gauge(
      "PerPartitionThroughput",
      name,
      ifPartitioned(() => stream.active.throughput(clock.elapsed())),
    )
    metrics.gauge(
      "PartitionCountExceeded",
      name,
      ifPartitioned(() => (stream.active.hasExceeded(clock.elapsed()) ? 1 : 0)),
    )
  }

  #folderOf(streamUid: string) {
    return path.join(this.#options.folder, streamUid)
  }
}

/** Opens destinations, each stored configuration once: definitions are never changed in place. */
function destinationOpener(kinds: readonly DestinationKind[], world: DestinationWorld) {
  const opened = new WeakMap<StoredDestination, Destination>()
  const kindOf = (stored: StoredDestination): DestinationKind => {
    const kind = kinds.find((one) => one.name === stored.kind)
    if (kind === undefined) {
      throw new Error(
        `There is no kind of destination called "${stored.kind}": was the stream made by a later version?`,
      )
    }
    return kind
  }
  const openDestination = (stored: StoredDestination): Destination => {
    const destination = opened.get(stored) ?? kindOf(stored).open(stored.configuration, world)
    opened.set(stored, destination)
    return destination
  }
  const processingOf = (stored: StoredDestination) => openDestination(stored).processing
  const backups = new WeakMap<StoredDestination, StoredDestination>()
  const backupOf = (stored: StoredDestination): StoredDestination | undefined => {
    const { backup } = openDestination(stored)
    if (backup === undefined) return undefined
    const known = backups.get(stored) ?? { id: `${stored.id}-backup`, ...backup }
    backups.set(stored, known)
    return known
  }
  return { kindOf, openDestination, processingOf, backupOf }
}

type DestinationOpener = ReturnType<typeof destinationOpener>

import path from "node:path"
import type { Destination, DestinationKind, DestinationWorld } from "../destinations/index.ts"
import { BufferPool, type PartitionReader } from "../log/index.ts"
import type { ErrorLog, Logger, Metrics } from "../observe/index.ts"
import type { Clock, Disk, Random } from "../platform/index.ts"
import type { StoredDestination, StreamDefinition } from "../streams/index.ts"
import { readBytes } from "./attempts.ts"
import { CheckpointKeeper, deliveredThrough, loadCheckpoint } from "./checkpoint.ts"
import type { DeliveredObject, Delivery, FlushOutcome } from "./delivery.ts"
import { PartitionDelivery } from "./partition-delivery.ts"
import type { DeliveryLimits, DeliveryWorld, PartitionDeliveryOptions } from "./partition-options.ts"
import { SharedMemory } from "./shared-memory.ts"

export interface DeliveryOptions {
  readonly disk: Disk
  /** Holds a folder for each stream, with a checkpoint for each of its partitions. Made when it is missing. */
  readonly folder: string
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
/** Buffers that are kept for attempts to come: of what all of them together may hold, a small part. */
const buffersMax = 16

/** Delivery from the log of this process. */
export function createDelivery(options: DeliveryOptions): Delivery {
  return new LogDelivery(options)
}

type DeliveredPartition = Pick<PartitionDeliveryOptions, "log" | "recoveredEnd" | "checkpoint">

/** A stream that is known to delivery. */
interface Delivered {
  definition: StreamDefinition
  readonly partitions: readonly DeliveredPartition[]
  /** One for each partition; none while delivery is paused. */
  loops: readonly PartitionDelivery[]
  readonly listeners: Set<(object: DeliveredObject) => void>
}

class LogDelivery implements Delivery {
  readonly #options: DeliveryOptions
  readonly #world: DeliveryWorld
  readonly #streams = new Map<string, Delivered>()

  constructor(options: DeliveryOptions) {
    this.#options = options
    const { clock, random, metrics, errorLog, limits } = options
    const { kindOf, openDestination } = destinationOpener(options.kinds, options.world)
    const memory = { small: new SharedMemory(smallAttemptsBytesMax), large: new SharedMemory(largeAttemptsBytesMax) }
    const buffers = new BufferPool({ bufferBytes: readBytes, countMax: buffersMax })
    this.#world = { clock, random, metrics, errorLog, limits, kindOf, openDestination, memory, buffers }
  }

  async start(definition: StreamDefinition, logs: readonly PartitionReader[]) {
    if (this.#streams.has(definition.uid)) return this.update(definition)
    const { disk } = this.#options
    const folder = this.#folderOf(definition.uid)
    const partitions = await Promise.all(
      logs.map(async (log, number) => {
        const file = path.join(folder, `${number}.checkpoint`)
        const loaded = await loadCheckpoint(disk, file, log)
        const recoveredEnd = log.end
        // Records beyond the log's end were used in an earlier life and lost since: their positions must not come again.
        if (loaded.next > log.end) {
          this.#options.logger.warn(
            { stream: definition.name, partition: number, logEnd: log.end, checkpointNext: loaded.next },
            "The log ends before the checkpoint: its last file is damaged or gone, or a write that failed was undone by a loss of power",
          )
          await log.skipTo(loaded.next)
        }
        await log.trim(deliveredThrough(loaded))
        return { log, recoveredEnd, checkpoint: new CheckpointKeeper(disk, file, loaded) }
      }),
    )
    const stream: Delivered = { definition, partitions, loops: [], listeners: new Set() }
    this.#streams.set(definition.uid, stream)
    this.#exposeGauges(stream)
    if (definition.deliveryEnabled) this.#startLoops(stream)
  }

  async update(definition: StreamDefinition) {
    const stream = this.#streams.get(definition.uid)
    if (stream === undefined) return
    stream.definition = definition
    if (definition.deliveryEnabled && stream.loops.length === 0) this.#startLoops(stream)
    else if (!definition.deliveryEnabled) await this.#stopLoops(stream, pauseGraceMs)
    else for (const loop of stream.loops) loop.look()
  }

  stop(streamUid: string) {
    return this.#stop(streamUid, 0)
  }

  async forget(streamUid: string) {
    await this.#options.disk.removeFolder(this.#folderOf(streamUid))
  }

  async close(graceMs: number) {
    await Promise.all([...this.#streams.keys()].map((uid) => this.#stop(uid, graceMs)))
  }

  async flush(streamName: string, signal: AbortSignal): Promise<FlushOutcome | undefined> {
    const stream = [...this.#streams.values()].find((one) => one.definition.name === streamName)
    if (stream === undefined || stream.loops.length === 0) return undefined
    const delivered: DeliveredObject[] = []
    const listen = (object: DeliveredObject) => delivered.push(object)
    stream.listeners.add(listen)
    const flushed = await Promise.all(stream.loops.map((loop) => loop.flush(signal)))
    stream.listeners.delete(listen)
    return { complete: flushed.every((isComplete) => isComplete), delivered }
  }

  #startLoops(stream: Delivered) {
    const { logger } = this.#options
    stream.loops = stream.partitions.map(
      (one, partition) =>
        new PartitionDelivery({
          ...this.#world,
          ...one,
          logger: logger.child({ stream: stream.definition.name, partition }),
          stream: () => stream.definition,
          onDelivered: (object) => {
            for (const listener of stream.listeners) listener(object)
          },
        }),
    )
  }

  async #stop(streamUid: string, graceMs: number) {
    const stream = this.#streams.get(streamUid)
    if (stream === undefined) return
    this.#streams.delete(streamUid)
    await this.#stopLoops(stream, graceMs)
    this.#options.metrics.forget(stream.definition.name)
  }

  async #stopLoops(stream: Delivered, graceMs: number) {
    const { loops } = stream
    stream.loops = []
    await Promise.all(loops.map((loop) => loop.stop(graceMs)))
  }

  #exposeGauges(stream: Delivered) {
    const { clock, metrics } = this.#options
    const { name } = stream.definition
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
    metrics.gauge("Hydrant.LogBytes", name, () => sum(stream.partitions.map(({ log }) => log.storedBytes)))
    metrics.gauge("Hydrant.BacklogRecords", name, () =>
      sum(stream.partitions.map(({ log, checkpoint }) => log.end - deliveredThrough(checkpoint.current))),
    )
    const { metricsName } = this.#world.kindOf(stream.definition.destination)
    metrics.gauge(`${metricsName}.DataFreshness`, name, () => {
      const oldest = stream.loops.map((loop) => loop.oldestArrivalMs).filter((arrivalMs) => arrivalMs !== undefined)
      return oldest.length === 0 ? undefined : (clock.now() - Math.min(...oldest)) / 1000
    })
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
  return { kindOf, openDestination }
}

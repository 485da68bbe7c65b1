import { asPosition, type Position } from "../log/index.ts"
import { BlockList, type RecoveredBlock, type StoredChunk } from "../spool/index.ts"
import { aborted } from "./aborted.ts"
import type { ActivePartitions } from "./active-partitions.ts"
import { BatchDelivery } from "./batch-delivery.ts"
import { outputId, readStoredOutput } from "./batch-output.ts"
import { bufferingOf } from "./buffering.ts"
import type { BufferRoom } from "./chunk-blocks.ts"
import { ChunkProcessing, type ChunkProcessingOptions } from "./chunk-processing.ts"
import { oldestArrival } from "./oldest-arrival.ts"
import { type OutputBuffer, OutputBuffers } from "./output-buffers.ts"
import type { PartitionLoop } from "./partition-options.ts"
import { ProcessedRecords } from "./processed-records.ts"
import { Wakeup } from "./wakeup.ts"

/** Batches that may be under way at a time: with many partitions, many small ones close together. */
const inFlightMax = 16

export interface ProcessedDeliveryOptions extends ChunkProcessingOptions {
  /** What the spool holds that was not delivered by an earlier life. */
  readonly recovered: readonly RecoveredBlock[]
  readonly active: ActivePartitions
}

/**
 * The delivery loop of one partition whose records are processed: has chunks of them processed and stored in the spool
 * (chunk-processing.ts); and, beside that, buffers what is in the spool, decides, delivers, confirms.
 *
 * A chunk that is in the spool is never processed again, and one that is not always is. What is delivered comes from the
 * spool only. So each record is delivered once, whatever its processors answer when they are asked twice.
 */
export class ProcessedDelivery implements PartitionLoop {
  readonly #options: ProcessedDeliveryOptions
  readonly #wakeup = new Wakeup()
  readonly #records: ProcessedRecords
  readonly #batches: BatchDelivery
  readonly #processing: ChunkProcessing
  readonly #buffers = new OutputBuffers()
  /** By the position of its first block: the partition that a batch belongs to. */
  readonly #partitionOfBatch = new Map<number, string>()
  readonly #loops: Promise<unknown>
  /** The position in the spool behind what is buffered. */
  #end: Position
  #stopping = false
  /** Buffers with blocks before this close as soon as they can. */
  #flushThrough: Position = asPosition(0)

  /** Starts the loop. */
  constructor(options: ProcessedDeliveryOptions) {
    this.#options = options
    const { checkpoint, spool } = options
    this.#end = spool.end
    this.#records = new ProcessedRecords(spool, checkpoint, (from) => this.#releasePartition(from))
    this.#batches = new BatchDelivery({ ...options, records: this.#records, inFlightMax }, this.#wakeup)
    this.#processing = new ChunkProcessing(options, {
      buffers: {
        untilRoom: () => this.#untilRoom(),
        room: () => this.#room(),
        add: (stored) => this.#add(stored),
      },
      wakeup: this.#wakeup,
      isStopping: () => this.#stopping,
      onProcessed: () => {
        this.#wakeup.wake()
        this.#batches.confirmed.wake()
      },
      onBroken: () => {
        this.#stopping = true
        this.#wakeup.wake()
      },
    })
    this.#resume(options.recovered)
    this.#loops = Promise.all([this.#batches.resume().then(() => this.#deliver()), this.#processing.run()])
  }

  get oldestArrivalMs(): number | undefined {
    const decided = this.#options.checkpoint.current.decided.map(({ oldestArrivalMs }) => oldestArrivalMs)
    return oldestArrival([...decided, this.#buffers.oldestArrivalMs, this.#processing.oldestArrivalMs])
  }

  get backlogRecords(): number {
    const { checkpoint, log } = this.#options
    const decided = checkpoint.current.decided.reduce((sum, { recordCount }) => sum + recordCount, 0)
    const unprocessed = this.#isDraining ? 0 : Math.max(0, log.end - this.#processing.processedThrough)
    return unprocessed + this.#buffers.recordCount + decided
  }

  async flush(signal: AbortSignal): Promise<boolean> {
    const { clock, log } = this.#options
    const target = this.#isDraining
      ? this.#processing.processedThrough
      : await Promise.race([log.endNow(), aborted(signal)])
    if (target === undefined || signal.aborted) return false
    const { confirmed } = this.#batches
    const wake = () => confirmed.wake()
    signal.addEventListener("abort", wake, { once: true })
    const until = async (isThere: () => boolean) => {
      this.look()
      for (let since = confirmed.count; !isThere() && !signal.aborted && !this.#stopping; since = confirmed.count) {
        await confirmed.wait(since, clock)
      }
      return isThere()
    }
    this.#processing.flushThrough(target)
    let isDone = await until(() => this.#processing.processedThrough >= target)
    if (isDone) {
      const end = this.#end
      this.#flushThrough = asPosition(Math.max(this.#flushThrough, end))
      isDone = await until(() => this.#deliveredThrough >= end)
    }
    signal.removeEventListener("abort", wake)
    return isDone
  }

  look() {
    this.#wakeup.wake()
  }

  async stop(graceMs: number): Promise<void> {
    this.#stopping = true
    await this.#batches.stop(this.#loops, graceMs, () => this.#processing.end())
  }

  get #isDraining(): boolean {
    return this.#options.processing() === undefined
  }

  /** The position in the spool before which everything is delivered. */
  get #deliveredThrough(): Position {
    const { checkpoint } = this.#options
    const undecided = this.#buffers.firstPosition ?? this.#end
    return asPosition(Math.min(undecided, ...checkpoint.current.decided.map(({ from }) => from)))
  }

  /**
   * Resolves when full buffers are on their way: what is processed while the place that they go to is down would only take up
   * the disk.
   */
  async #untilRoom() {
    const { confirmed } = this.#batches
    for (let since = confirmed.count; this.#buffers.fullCount > 0 && !this.#stopping; since = confirmed.count) {
      await confirmed.wait(since, this.#options.clock)
    }
  }

  #room(): BufferRoom {
    const { active, clock } = this.#options
    const { bufferBytesMax } = bufferingOf(this.#options)
    const admitted = new Set<string>()
    return {
      bufferBytesMax,
      roomBytes: (id) => Math.max(1, bufferBytesMax - this.#buffers.sizeBytes(id)),
      admits(id) {
        if (active.has(id) || admitted.has(id)) return true
        if (active.count + admitted.size >= active.countMax) {
          active.exceed(clock.elapsed())
          return false
        }
        admitted.add(id)
        return true
      },
    }
  }

  /** In one go: a decision between would take what is not buffered yet for delivered. */
  #add({ blocks, storedMs, end }: StoredChunk) {
    const { active, clock } = this.#options
    this.#end = end
    for (const block of blocks) {
      this.#buffer({ ...block, storedMs })
      active.add(block.sizeBytes, clock.elapsed())
    }
  }

  #resume(recovered: readonly RecoveredBlock[]) {
    const { decided } = this.#options.checkpoint.current
    const blocksOf = new Map(decided.map((one) => [one, new BlockList()]))
    for (const [one, blocks] of blocksOf) {
      this.#records.add(one, blocks)
      this.#holdPartition(one.from, outputId(one.output))
    }
    for (const block of recovered) {
      const id = outputId(readStoredOutput(block.output))
      const batch = decided.find(
        ({ from, to, output }) => from <= block.position && block.position < to && outputId(output) === id,
      )
      if (batch === undefined) this.#buffer(block)
      else blocksOf.get(batch)?.add(block)
    }
  }

  #buffer(block: RecoveredBlock) {
    const { bufferBytesMax } = bufferingOf(this.#options)
    const output = readStoredOutput(block.output)
    const begun = this.#buffers.add(output, block, bufferBytesMax, this.#options.clock.elapsed())
    if (begun !== undefined) this.#holdPartition(begun.from, begun.id)
  }

  #holdPartition(from: Position, id: string) {
    if (!id.startsWith("partition ")) return
    this.#partitionOfBatch.set(from, id)
    this.#options.active.hold(id)
  }

  #releasePartition(from: number) {
    const id = this.#partitionOfBatch.get(from)
    this.#partitionOfBatch.delete(from)
    if (id !== undefined) this.#options.active.release(id)
  }

  /** Closes buffers that are full or due, one after the other, and has them delivered. */
  async #deliver() {
    const { clock } = this.#options
    while (!this.#stopping) {
      const since = this.#wakeup.count
      const isFull = this.#buffers.fullCount > 0
      const due = isFull ? undefined : this.#buffers.nextDue((buffer) => this.#waitMs(buffer))
      if (!isFull && (due === undefined || due.dueMs > 0)) {
        await this.#wakeup.wait(since, clock, due === undefined ? undefined : Math.ceil(due.dueMs))
        continue
      }
      await this.#batches.room(isFull)
      if (this.#stopping) return
      const buffer = this.#buffers.takeFull() ?? (due && this.#buffers.take(due.buffer))
      if (buffer !== undefined) this.#decide(buffer)
    }
  }

  /** How long until a buffer is due: by whichever clock more time has passed. The wall clock may have been set back. */
  #waitMs({ from, openedMs, openedElapsedMs }: OutputBuffer): number {
    if (from < this.#flushThrough) return 0
    const { clock } = this.#options
    const { intervalMs } = bufferingOf(this.#options)
    return intervalMs - Math.max(clock.now() - openedMs, clock.elapsed() - openedElapsedMs)
  }

  #decide(buffer: OutputBuffer) {
    const { checkpoint } = this.#options
    const next = this.#buffers.firstPosition ?? this.#end
    const taken = { ...checkpoint.current.taken, [buffer.id]: buffer.to }
    this.#records.add(buffer, buffer.blocks)
    const stillAhead = Object.entries(taken).filter(([, through]) => through > next)
    this.#batches.decide(buffer, {
      next,
      taken: Object.fromEntries(stillAhead),
      sourceThrough: this.#processing.processedThrough,
    })
    this.#batches.confirmed.wake()
  }
}

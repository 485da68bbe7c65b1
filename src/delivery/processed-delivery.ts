import { AssertionError } from "node:assert"
import { setMaxListeners } from "node:events"
import type { Processing } from "../destinations/index.ts"
import { asPosition, type Damage, KeyUnavailableError, type Position } from "../log/index.ts"
import type { Chunk, RecordFailure, SourceRecord } from "../processors/index.ts"
import type { RecoveredBlock, Spool } from "../spool/index.ts"
import { BlockList } from "../spool/index.ts"
import { aborted } from "./aborted.ts"
import type { ActivePartitions } from "./active-partitions.ts"
import { backoffMs } from "./backoff.ts"
import { BatchDelivery } from "./batch-delivery.ts"
import { outputId, readStoredOutput } from "./batch-output.ts"
import type { Measured } from "./buffer.ts"
import { chunkBlocks } from "./chunk-blocks.ts"
import { type OutputBuffer, OutputBuffers } from "./output-buffers.ts"
import type { PartitionDeliveryOptions, PartitionLoop } from "./partition-options.ts"
import { type ProcessedChunk, processChunk } from "./process-chunk.ts"
import { ProcessedRecords } from "./processed-records.ts"
import { RangeFiller } from "./range-filler.ts"
import { reportDamage, reportExpired, reportFailedRecords, reportKeyProblem } from "./report.ts"
import { UnreadableStretch } from "./unreadable.ts"
import { Wakeup } from "./wakeup.ts"

/** Batches that may be under way at a time: with many partitions, many small ones close together. */
const inFlightMax = 16
/** Chunks that are processed at a time: as many invocations as AWS allows a shard (spec/processing.md, section 3). */
const chunksUnderWayMax = 5
/** What a chunk holds where no processor says so. It is processed soon, and large enough for the disk when much comes. */
const chunkHints = { sizeBytes: 4 * 1024 * 1024, intervalMs: 1000 }
/** What an interval of 0 means: "within a few seconds" (spec/buffering.md, section 3). */
const zeroBufferingMs = 1000
/** What a record takes beside its bytes, however small it is; and how many a chunk holds, so that this does not count. */
const recordOverheadBytes = 1024
const chunkRecordsMax = 20_000
/** What processing holds in memory for each byte of a chunk: the records, and what becomes of them. */
export const memoryFactor = 4

export interface ProcessedDeliveryOptions extends PartitionDeliveryOptions {
  readonly spool: Spool
  /** What the spool holds that was not delivered by an earlier life. */
  readonly recovered: readonly RecoveredBlock[]
  /** Where processing goes on in the source log. */
  readonly from: Position
  /** Has the key at hand that blocks are to be sealed with. @throws KeyUnavailableError */
  readonly prepareSealing: () => Promise<void>
  /** Source records before this are not needed any more. */
  readonly trimSource: (position: Position) => Promise<void>
  /** The source's partition number: a part of the records' ids. */
  readonly partition: number
  readonly active: ActivePartitions
  /** Undefined when the stream is not processed any more, and what the spool holds is only to be delivered. */
  readonly processing: () => Processing | undefined
}

/**
 * The delivery loop of one partition whose records are processed: read a chunk, process it, store what came of it in the
 * spool; and, beside it, buffer that, decide, deliver, confirm.
 *
 * A chunk that is in the spool is never processed again, and one that is not always is. What is delivered comes from the
 * spool only. So each record is delivered once, whatever its processors answer when they are asked twice.
 */
export class ProcessedDelivery implements PartitionLoop {
  readonly #options: ProcessedDeliveryOptions
  readonly #wakeup = new Wakeup()
  readonly #records: ProcessedRecords
  readonly #batches: BatchDelivery
  readonly #filler: RangeFiller
  readonly #buffers = new OutputBuffers()
  /** By the position of its first block: the partition that a batch belongs to. */
  readonly #partitionOfBatch = new Map<number, string>()
  readonly #unreadable: UnreadableStretch
  readonly #loops: Promise<unknown>
  /** Ends processing under way. */
  readonly #ended = new AbortController()
  /** Chunks that are processed and not stored. */
  readonly #underWay = new Set<Promise<void>>()
  /** Chunks are stored in the order of their records. */
  #stored: Promise<void> = Promise.resolve()
  #processedThrough: Position
  /** The position in the spool behind what is buffered. */
  #end: Position
  #oldestUnderWayMs: number | undefined
  #stopping = false
  /**
   * The loop is stopping, and a chunk was not processed to its end. Those behind it must not be stored: what is processed has
   * no gaps.
   */
  #isCutShort = false
  /** Buffers with blocks before this close as soon as they can. */
  #flushThrough: Position = asPosition(0)

  /** Starts the loop. */
  constructor(options: ProcessedDeliveryOptions) {
    this.#options = options
    const { checkpoint, clock, log, spool } = options
    // Each chunk under way listens, and each call of a function for it.
    setMaxListeners(0, this.#ended.signal)
    this.#processedThrough = options.from
    this.#end = spool.end
    this.#records = new ProcessedRecords(spool, checkpoint, (from) => this.#releasePartition(from))
    this.#batches = new BatchDelivery({ ...options, records: this.#records, inFlightMax }, this.#wakeup)
    this.#unreadable = new UnreadableStretch(log, clock)
    this.#filler = new RangeFiller({
      clock,
      log,
      wakeup: this.#wakeup,
      buffering: () => this.#chunkBuffering(),
      isStopping: () => this.#stopping,
      onDamage: (damage) => reportDamage(options, [damage], damage.to - damage.from),
      onSkip: (next) => this.#inOrder(async () => this.#advance(next)),
    })
    this.#resume(options.recovered)
    this.#loops = Promise.all([this.#batches.resume().then(() => this.#deliver()), this.#process()])
  }

  get oldestArrivalMs(): number | undefined {
    const decided = this.#options.checkpoint.current.decided.map(({ oldestArrivalMs }) => oldestArrivalMs)
    const known = [...decided, this.#buffers.oldestArrivalMs, this.#oldestUnderWayMs, this.#filler.openSinceMs]
    const arrivals = known.filter((arrivalMs) => arrivalMs !== undefined)
    return arrivals.length === 0 ? undefined : Math.min(...arrivals)
  }

  get backlogRecords(): number {
    const { checkpoint, log } = this.#options
    const decided = checkpoint.current.decided.reduce((sum, { recordCount }) => sum + recordCount, 0)
    const unprocessed = this.#isDraining ? 0 : Math.max(0, log.end - this.#processedThrough)
    return unprocessed + this.#buffers.recordCount + decided
  }

  async flush(signal: AbortSignal): Promise<boolean> {
    const { clock, log } = this.#options
    const target = this.#isDraining ? this.#processedThrough : await Promise.race([log.endNow(), aborted(signal)])
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
    this.#filler.flushThrough(target)
    let isDone = await until(() => this.#processedThrough >= target)
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
    this.#batches.stop()
    this.#wakeup.wake()
    this.#batches.confirmed.wake()
    const settled = this.#settle()
    const grace = new AbortController()
    await Promise.race([settled, this.#options.clock.sleep(graceMs, grace.signal)])
    grace.abort()
    this.#ended.abort("ended")
    this.#wakeup.wake()
    this.#batches.end()
    await settled
  }

  async #settle() {
    await this.#loops
    await this.#batches.settled()
    try {
      // Says of each batch whether it may have been delivered, so that a stop is told from a crash.
      await this.#options.checkpoint.save()
    } catch (err) {
      this.#options.logger.warn(
        { err },
        "Cannot save how far delivery has come; the next start takes this stop for a crash",
      )
    }
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

  // ---- processing

  async #process() {
    const { logger } = this.#options
    let next = this.#processedThrough
    for (let failedTimes = 0; !this.#stopping && !this.#isDraining; ) {
      const since = this.#wakeup.count
      try {
        const range = await this.#filler.fill(next)
        if (range === undefined) break
        while (this.#underWay.size >= chunksUnderWayMax) await Promise.race(this.#underWay)
        await this.#untilRoom()
        if (this.#stopping) break
        this.#begin(range)
        this.#filler.close()
        next = range.to
        failedTimes = 0
      } catch (error) {
        failedTimes++
        const waitMs = this.#tellFailure(error, failedTimes)
        if (waitMs === undefined) return
        const expired = await this.#unreadable.expiredThrough(next, this.#options.limits.retentionMs)
        if (expired === undefined) {
          await this.#wakeup.wait(since, this.#options.clock, waitMs)
          continue
        }
        reportExpired(this.#options, { from: next, to: expired, recordCount: expired - next })
        const from = next
        await this.#inOrder(() => this.#store({ from, to: expired }, undefined))
        next = expired
      }
    }
    await this.#stored
    logger.debug("Processing has ended")
  }

  /**
   * Resolves when full buffers are on their way: what is processed while the place that they go to is down would only take up
   * the disk. Before memory is taken, so that nobody else waits for that place.
   */
  async #untilRoom() {
    const { confirmed } = this.#batches
    for (let since = confirmed.count; this.#buffers.fullCount > 0 && !this.#stopping; since = confirmed.count) {
      await confirmed.wait(since, this.#options.clock)
    }
  }

  /** Processes a range, and stores what came of it after those before it. */
  #begin(range: Measured) {
    this.#oldestUnderWayMs ??= range.oldestArrivalMs
    const processed = this.#processRange(range)
    const work: Promise<void> = this.#inOrder(async () => {
      const { outcome, giveBack } = await processed
      try {
        if (outcome === undefined) this.#isCutShort = true
        else await this.#store(range, outcome)
      } finally {
        giveBack?.()
      }
    }).finally(() => {
      this.#underWay.delete(work)
      if (this.#underWay.size === 0) this.#oldestUnderWayMs = undefined
    })
    this.#underWay.add(work)
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    this.#stored = this.#stored.then(work).catch((err: unknown) => {
      this.#options.logger.fatal({ err }, "Processing of this stream stopped: a rule of our own was broken")
      this.#stopping = true
      this.#wakeup.wake()
    })
    return this.#stored
  }

  /** Processes a range until that works; no outcome when the loop is stopped before. */
  async #processRange(range: Measured) {
    const { clock, limits, memory, stream } = this.#options
    const { signal } = this.#ended
    const { memoryBytes = 0, waits } = this.#options.processing()?.chain?.hints ?? {}
    const share = range.sizeBytes * memoryFactor + range.recordCount * recordOverheadBytes
    // Who waits for something that hangs keeps its share all the time, and so has to have it from among its like.
    const pool = waits === true ? memory.waitingChunks : memory.chunks
    const giveBack = await pool.take(stream().uid, Math.max(share, memoryBytes), signal)
    for (let failedTimes = 1; giveBack !== undefined && !signal.aborted; failedTimes++) {
      const since = this.#wakeup.count
      try {
        const processing = this.#options.processing()
        const chunk = await this.#read(range)
        // Processing was taken off the stream meanwhile: what is not processed by now is delivered as it came.
        if (processing === undefined) return { giveBack, outcome: undefined }
        const processed = await processChunk(processing, chunk, clock, signal)
        return { giveBack, outcome: { chunk, processed } }
      } catch (error) {
        if (signal.aborted) break
        const waitMs = this.#tellFailure(error, failedTimes)
        if (waitMs === undefined) break
        if (clock.now() - range.newestArrivalMs > limits.retentionMs) {
          reportExpired(this.#options, range)
          return { giveBack, outcome: { chunk: { sources: [] }, processed: { records: [], failures: [], counts: [] } } }
        }
        if (this.#stopping) break
        await this.#wakeup.wait(since, clock, waitMs)
      }
    }
    return { giveBack, outcome: undefined }
  }

  async #read(range: Measured): Promise<Chunk> {
    const { log, partition, stream } = this.#options
    const sources: SourceRecord[] = []
    const damage: Damage[] = []
    for await (const piece of log.read(range.from, range.to)) {
      damage.push(...piece.damage)
      for (const { position, arrivalMs, lengths, data } of piece.frames) {
        // The memory of a piece is used again.
        const bytes = Buffer.from(data)
        let offset = 0
        for (const [index, length] of lengths.entries()) {
          const data = bytes.subarray(offset, offset + length)
          sources.push(new LogRecord(data, arrivalMs, partition, position + index))
          offset += length
        }
      }
    }
    const lost = damage.reduce((sum, { from, to }) => sum + to - from, 0) - (range.to - range.from - range.recordCount)
    if (lost > 0) reportDamage(this.#options, damage, lost)
    const { arn } = stream()
    return { sources, stream: { arn, region: arn.split(":")[3] ?? "" } }
  }

  /** Makes what came of a range durable, and buffers it. Again and again, if the disk fails. */
  async #store({ from, to }: Pick<Measured, "from" | "to">, outcome: Outcome | undefined) {
    const { active, clock, spool, trimSource, logger } = this.#options
    if (this.#isCutShort) return
    const { blocks, failures } = this.#blocksOf(outcome)
    for (let failedTimes = 1; ; failedTimes++) {
      const since = this.#wakeup.count
      try {
        await this.#options.prepareSealing()
        const stored = await spool.store({ from, to, blocks })
        // In one go: a decision between would take what is not buffered yet for delivered.
        this.#end = stored.end
        for (const block of stored.blocks) {
          this.#buffer({ ...block, storedMs: stored.storedMs })
          active.add(block.sizeBytes, clock.elapsed())
        }
        break
      } catch (error) {
        if (this.#ended.signal.aborted) {
          this.#isCutShort = true
          return
        }
        const waitMs = this.#tellFailure(error, failedTimes)
        if (waitMs === undefined) throw error
        await this.#wakeup.wait(since, clock, waitMs)
      }
    }
    this.#advance(to)
    if (outcome !== undefined) reportFailedRecords(this.#options, failures, outcome.processed.counts)
    try {
      await trimSource(to)
    } catch (err) {
      logger.warn({ err }, "Cannot delete processed segments of the log; it will be tried again with the next chunk")
    }
  }

  #blocksOf(outcome: Outcome | undefined): {
    readonly blocks: ReturnType<typeof chunkBlocks>["blocks"]
    readonly failures: readonly RecordFailure[]
  } {
    if (outcome === undefined) return { blocks: [], failures: [] }
    const { active, clock } = this.#options
    const { bufferBytesMax } = this.#buffering()
    const admitted = new Set<string>()
    return chunkBlocks(
      outcome.processed,
      outcome.chunk,
      {
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
      },
      clock.now(),
    )
  }

  #advance(to: Position) {
    this.#processedThrough = to
    this.#wakeup.wake()
    this.#batches.confirmed.wake()
  }

  /** How long to wait before the next try; undefined when there shall be none. */
  #tellFailure(error: unknown, failedTimes: number): number | undefined {
    const { logger, random } = this.#options
    if (error instanceof AssertionError) {
      logger.fatal({ err: error }, "Processing of this stream stopped: a rule of our own was broken")
      return undefined
    }
    const waitMs = backoffMs(failedTimes, random)
    logger.error({ err: error, waitMs }, "Records can't be processed now; it will be tried again")
    if (error instanceof KeyUnavailableError) reportKeyProblem(this.#options, error)
    return waitMs
  }

  // ---- buffering

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
    const { bufferBytesMax } = this.#buffering()
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
    const { intervalMs } = this.#buffering()
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
      sourceThrough: this.#processedThrough,
    })
    this.#batches.confirmed.wake()
  }

  #buffering() {
    const { limits, openDestination, route } = this.#options
    const { bufferBytesMax, intervalMs } = openDestination(route.destination()).buffering
    const wantedMs = intervalMs === 0 ? zeroBufferingMs : intervalMs
    return { bufferBytesMax, intervalMs: Math.min(wantedMs, limits.intervalMsMax ?? wantedMs) }
  }

  #chunkBuffering() {
    const { limits, processing } = this.#options
    const { sizeBytes, intervalMs } = { ...chunkHints, ...processing()?.chain?.hints }
    return {
      bufferBytesMax: sizeBytes,
      intervalMs: Math.min(intervalMs, limits.intervalMsMax ?? intervalMs),
      recordCountMax: chunkRecordsMax,
    }
  }
}

interface Outcome {
  readonly chunk: Pick<Chunk, "sources">
  readonly processed: ProcessedChunk
}

/** A record of the source log. Only functions ask for ids: none is made before. */
class LogRecord implements SourceRecord {
  readonly data: Uint8Array
  readonly arrivalMs: number
  readonly #partition: number
  readonly #position: number

  constructor(data: Uint8Array, arrivalMs: number, partition: number, position: number) {
    this.data = data
    this.arrivalMs = arrivalMs
    this.#partition = partition
    this.#position = position
  }

  get id(): string {
    return sourceId(this.#partition, this.#position)
  }
}

/**
 * A source record's id, as a function sees it: unique in its stream, and the same whenever the record is processed. It has
 * the form of those that were captured, whose 56 digits the part's number follows (spec/processing.md, section 3).
 */
export function sourceId(partition: number, position: number): string {
  return `49${String(partition).padStart(18, "0")}${String(position).padStart(36, "0")}`
}

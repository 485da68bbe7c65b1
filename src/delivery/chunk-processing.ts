import { AssertionError } from "node:assert"
import { setMaxListeners } from "node:events"
import type { Processing } from "../destinations/index.ts"
import { KeyUnavailableError, type Position } from "../log/index.ts"
import type { Chunk } from "../processors/index.ts"
import type { Spool, StoredChunk } from "../spool/index.ts"
import { TableError } from "../tables/index.ts"
import { backoffMs } from "./backoff.ts"
import type { Measured } from "./buffer.ts"
import { type BufferRoom, chunkBlocks } from "./chunk-blocks.ts"
import { oldestArrival } from "./oldest-arrival.ts"
import type { PartitionDeliveryOptions } from "./partition-options.ts"
import { type ProcessedChunk, processChunk } from "./process-chunk.ts"
import { RangeFiller } from "./range-filler.ts"
import { reportDamage, reportExpired, reportFailedRecords, reportWaiting } from "./report.ts"
import { readSources } from "./source-records.ts"
import { UnreadableStretch } from "./unreadable.ts"
import type { Wakeup } from "./wakeup.ts"

/** Chunks that are processed at a time: as many invocations as AWS allows a shard (spec/processing.md, section 3). */
const chunksUnderWayMax = 5
/** What a chunk holds where no processor says so. It is processed soon, and large enough for the disk when much comes. */
const chunkHints = { sizeBytes: 4 * 1024 * 1024, intervalMs: 1000 }
/** What a record takes beside its bytes, however small it is; and how many a chunk holds, so that this does not count. */
const recordOverheadBytes = 1024
const chunkRecordsMax = 20_000
/** What processing holds in memory for each byte of a chunk: the records, and what becomes of them. */
export const memoryFactor = 4

export interface ChunkProcessingOptions extends PartitionDeliveryOptions {
  readonly spool: Spool
  /** Where processing goes on in the source log. */
  readonly from: Position
  /** Has the key at hand that blocks are to be sealed with. @throws KeyUnavailableError */
  readonly prepareSealing: () => Promise<void>
  /** Source records before this are not needed any more. */
  readonly trimSource: (position: Position) => Promise<void>
  /** The source's partition number: a part of the records' ids. */
  readonly partition: number
  /** Undefined when the stream is not processed any more, and what the spool holds is only to be delivered. */
  readonly processing: () => Processing | undefined
}

/** Where the blocks of chunks go once they are stored, and what is asked of it before. */
export interface ChunkBuffers {
  /** Resolves when full buffers are on their way, or the loop is to stop. */
  untilRoom(): Promise<void>
  /** How much the next chunk finds. */
  room(): BufferRoom
  /** Takes the blocks of a chunk, in one go. */
  add(stored: StoredChunk): void
}

/** What processing and the loop that it belongs to have to do with each other. */
export interface ChunkProcessingLoop {
  readonly buffers: ChunkBuffers
  /** Wakes the waits for records, time and a next try. */
  readonly wakeup: Wakeup
  readonly isStopping: () => boolean
  /** Told when `processedThrough` has changed. */
  readonly onProcessed: () => void
  /** Told when nothing may be stored any more. */
  readonly onBroken: () => void
}

/**
 * Processes the records of one partition: reads a chunk, processes it, stores what came of it in the spool, and has that
 * buffered. Several chunks are processed at a time, and stored in the order of their records.
 */
export class ChunkProcessing {
  readonly #options: ChunkProcessingOptions & Omit<ChunkProcessingLoop, "buffers" | "wakeup">
  readonly #buffers: ChunkBuffers
  readonly #wakeup: Wakeup
  readonly #filler: RangeFiller
  readonly #unreadable: UnreadableStretch
  /** Ends processing under way. */
  readonly #ended = new AbortController()
  /** Chunks that are processed and not stored. */
  readonly #underWay = new Set<Promise<void>>()
  /** Chunks are stored in the order of their records. */
  #stored: Promise<void> = Promise.resolve()
  #processedThrough: Position
  #oldestUnderWayMs: number | undefined
  /**
   * The loop is stopping, and a chunk was not processed to its end. Those behind it must not be stored: what is processed has
   * no gaps.
   */
  #isCutShort = false

  constructor(options: ChunkProcessingOptions, { buffers, wakeup, ...loop }: ChunkProcessingLoop) {
    this.#options = { ...options, ...loop }
    this.#buffers = buffers
    this.#wakeup = wakeup
    const { clock, log } = options
    // Each chunk under way listens, and each call of a function for it.
    setMaxListeners(0, this.#ended.signal)
    this.#processedThrough = options.from
    this.#unreadable = new UnreadableStretch(log, clock)
    this.#filler = new RangeFiller({
      clock,
      log,
      wakeup,
      buffering: () => this.#chunkBuffering(),
      isStopping: loop.isStopping,
      onDamage: (damage) => reportDamage(options, [damage], damage.to - damage.from),
      onSkip: (next) => this.#inOrder(async () => this.#advance(next)),
    })
  }

  /** The source position before which everything is processed, and stored. */
  get processedThrough(): Position {
    return this.#processedThrough
  }

  /** Arrival of the oldest record that is not stored, as far as it was looked at. */
  get oldestArrivalMs(): number | undefined {
    return oldestArrival([this.#oldestUnderWayMs, this.#filler.openSinceMs])
  }

  /** Has chunks with records before `position` close as soon as they can. The wakeup is to be woken after it. */
  flushThrough(position: Position) {
    this.#filler.flushThrough(position)
  }

  /** Ends what is under way: it is not stored, and processed again by the next life. */
  end() {
    this.#ended.abort("ended")
    this.#wakeup.wake()
  }

  /** Processes what comes until the stream is not processed any more, or the loop is to stop. Called once. */
  async run(): Promise<void> {
    const { logger } = this.#options
    let next = this.#processedThrough
    for (let failedTimes = 0; !this.#options.isStopping() && this.#options.processing() !== undefined; ) {
      const since = this.#wakeup.count
      try {
        const range = await this.#filler.fill(next)
        if (range === undefined) break
        while (this.#underWay.size >= chunksUnderWayMax) await Promise.race(this.#underWay)
        // Before memory is taken, so that nobody else waits for that place.
        await this.#buffers.untilRoom()
        if (this.#options.isStopping()) break
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
      this.#options.onBroken()
    })
    return this.#stored
  }

  /** Processes a range until that works; no outcome when the loop is stopped before. */
  async #processRange(range: Measured) {
    const { clock, limits, memory, stream } = this.#options
    const { signal } = this.#ended
    const { chain, conversion } = this.#options.processing() ?? {}
    const { memoryBytes = 0 } = chain?.hints ?? {}
    const waits = chain?.hints?.waits === true || conversion !== undefined
    const share = range.sizeBytes * memoryFactor + range.recordCount * recordOverheadBytes
    // Who waits for something that hangs keeps its share all the time, and so has to have it from among its like.
    const pool = waits ? memory.waitingChunks : memory.chunks
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
          return { giveBack, outcome: { chunk: { sources: [] }, processed: nothing } }
        }
        if (this.#options.isStopping()) break
        await this.#wakeup.wait(since, clock, waitMs)
      }
    }
    return { giveBack, outcome: undefined }
  }

  async #read(range: Measured): Promise<Chunk> {
    const { log, partition, stream } = this.#options
    const { sources, damage } = await readSources(log, range, partition)
    const lost = damage.reduce((sum, { from, to }) => sum + to - from, 0) - (range.to - range.from - range.recordCount)
    if (lost > 0) reportDamage(this.#options, damage, lost)
    const { arn } = stream()
    return { sources, stream: { arn, region: arn.split(":")[3] ?? "" } }
  }

  /** Makes what came of a range durable, and buffers it. Again and again, if the disk fails. */
  async #store({ from, to }: Pick<Measured, "from" | "to">, outcome: Outcome | undefined) {
    const { clock, spool, trimSource, logger } = this.#options
    if (this.#isCutShort) return
    const { blocks, failures } =
      outcome === undefined
        ? { blocks: [], failures: [] }
        : chunkBlocks(outcome.processed, outcome.chunk, this.#buffers.room(), clock.now())
    for (let failedTimes = 1; ; failedTimes++) {
      const since = this.#wakeup.count
      try {
        await this.#options.prepareSealing()
        await outcome?.processed.keep()
        this.#buffers.add(await spool.store({ from, to, blocks }))
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

  #advance(to: Position) {
    this.#processedThrough = to
    this.#options.onProcessed()
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
    if (error instanceof KeyUnavailableError || error instanceof TableError) reportWaiting(this.#options, error)
    return waitMs
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

/** What comes of records that were given up. */
const nothing: ProcessedChunk = { records: [], failures: [], counts: [], keep: async () => {} }

interface Outcome {
  readonly chunk: Pick<Chunk, "sources">
  readonly processed: ProcessedChunk
}

/**
 * What has to happen around a delivery stream when its definition changes: its log is opened or deleted, its delivery
 * starts, follows updates, and ends. The catalog says what shall be; this makes it so, also after a crash in the middle.
 */
import type { Delivery } from "./delivery/index.ts"
import type { LogIngest } from "./ingest/index.ts"
import { inTheClear, type Log } from "./log/index.ts"
import type { Logger } from "./observe/index.ts"
import type { Clock } from "./platform/index.ts"
import type { Catalog, StreamDefinition } from "./streams/index.ts"

export interface StreamLifecycleParts {
  readonly clock: Clock
  readonly catalog: Catalog
  readonly log: Log
  readonly ingest: LogIngest
  readonly delivery: Delivery
  readonly logger: Logger
}

/** Streams that are brought up at a time: each reads the end of its log, and keeps a file open while it does. */
const startedAtATime = 64
/** A stream that can't be opened or deleted is tried again this often: what keeps it may be mended meanwhile. */
const retryMs = 60_000

/** The partition of each stream that this process writes. */
const ownPartition = 0

export class StreamLifecycle {
  readonly #parts: StreamLifecycleParts
  /** Streams whose last step failed, with why. */
  readonly #failed = new Map<string, string>()
  /** The last step of each stream, by uid: steps of one stream happen one after the other. */
  readonly #steps = new Map<string, Promise<void>>()
  readonly #closed = new AbortController()

  constructor(parts: StreamLifecycleParts) {
    this.#parts = parts
  }

  /** Delivery streams that do not work, one sentence each. */
  get problems(): readonly string[] {
    return [...this.#failed.values()]
  }

  /** Brings every stream of the catalog up, then follows the catalog's changes. */
  async start(): Promise<void> {
    const { catalog } = this.#parts
    catalog.onChange((now, before) => this.#onChange(now, before))
    const waiting = catalog.list().values()
    const bringUpNext = async () => {
      for (const stream of waiting) await this.#bringUpInTurn(stream)
    }
    await Promise.all(Array.from({ length: startedAtATime }, bringUpNext))
  }

  /** Resolves when every step that is under way is done. */
  async settled(): Promise<void> {
    while (this.#steps.size > 0) await Promise.all(this.#steps.values())
  }

  /** Tries nothing again from now on, and resolves when every step that is under way is done. */
  async close(): Promise<void> {
    this.#closed.abort()
    await this.settled()
  }

  #onChange(now: StreamDefinition | undefined, before: StreamDefinition | undefined) {
    if (now === undefined) return
    const statusChanged = now.status.kind !== before?.status.kind
    if (before === undefined || (statusChanged && now.status.kind === "DELETING")) {
      void this.#bringUpInTurn(now)
    } else if (!statusChanged) {
      this.#tellUpdate(now, before)
      void this.#step(now, () => this.#parts.delivery.update(now))
    }
  }

  #tellUpdate(now: StreamDefinition, before: StreamDefinition) {
    const { logger } = this.#parts
    const fields = { stream: now.name, version: now.version }
    if (now.version !== before.version) logger.info(fields, "Destination updated")
    if (now.deliveryEnabled !== before.deliveryEnabled) {
      logger.info(fields, now.deliveryEnabled ? "Delivery resumed" : "Delivery paused")
    }
  }

  #bringUpInTurn(stream: StreamDefinition): Promise<void> {
    return this.#step(stream, async () => {
      // As it is when its turn comes: it may have changed while it waited.
      const current = this.#parts.catalog.find(stream.name)
      if (current?.uid !== stream.uid) return
      try {
        await this.#bringUp(current)
      } catch (error) {
        void this.#tryAgain(stream)
        throw error
      }
    })
  }

  /** Brings a stream up some time later, unless it has moved on by then. */
  async #tryAgain(stream: StreamDefinition) {
    const { signal } = this.#closed
    await this.#parts.clock.sleep(retryMs, signal)
    const current = this.#parts.catalog.find(stream.name)
    if (signal.aborted || current?.uid !== stream.uid || current.status.kind !== stream.status.kind) return
    await this.#bringUpInTurn(current)
  }

  #bringUp(stream: StreamDefinition): Promise<void> {
    switch (stream.status.kind) {
      case "CREATING":
        return this.#create(stream)
      case "ACTIVE":
        return this.#open(stream)
      case "DELETING":
        return this.#delete(stream)
      case "CREATING_FAILED":
      case "DELETING_FAILED":
        return Promise.resolve()
    }
  }

  async #create(stream: StreamDefinition) {
    await this.#open(stream)
    await this.#parts.catalog.change(stream.name, (current) =>
      current.uid === stream.uid && current.status.kind === "CREATING"
        ? { ...current, status: { kind: "ACTIVE" } }
        : current,
    )
    this.#parts.logger.info({ stream: stream.name }, "Delivery stream created")
  }

  async #open(stream: StreamDefinition) {
    const { log, delivery, ingest } = this.#parts
    const open = (partition: number) => log.open({ streamUid: stream.uid, partition }, inTheClear)
    const own = await open(ownPartition)
    const others = Array.from({ length: stream.partitionCount - 1 }, (_, index) => open(ownPartition + 1 + index))
    const partitions = [own, ...(await Promise.all(others))]
    // Before the first append: delivery knows which positions were used, also those that a disk has lost.
    await delivery.start(stream, partitions)
    ingest.attach(stream.uid, ownPartition, own)
  }

  async #delete(stream: StreamDefinition) {
    const { catalog, delivery, ingest, log, logger } = this.#parts
    ingest.detach(stream.uid)
    await delivery.stop(stream.uid)
    await log.delete(stream.uid)
    await delivery.forget(stream.uid)
    await catalog.remove(stream.name)
    logger.info({ stream: stream.name }, "Delivery stream deleted")
  }

  /** Runs a step after the stream's earlier ones. One that fails is told, and the stream takes no records. */
  #step(stream: StreamDefinition, work: () => Promise<void>): Promise<void> {
    const { logger } = this.#parts
    const earlier = this.#steps.get(stream.uid) ?? Promise.resolve()
    const step = earlier.then(work).then(
      () => {
        this.#failed.delete(stream.uid)
      },
      (err: unknown) => {
        const reason = err instanceof Error ? err.message : String(err)
        this.#failed.set(stream.uid, `Delivery stream "${stream.name}" does not work: ${reason}`)
        logger.error({ err, stream: stream.name }, "Delivery stream does not work; it is tried again every minute")
      },
    )
    this.#steps.set(stream.uid, step)
    void step.then(() => {
      if (this.#steps.get(stream.uid) === step) this.#steps.delete(stream.uid)
    })
    return step
  }
}

/**
 * What has to happen around a delivery stream when its definition changes: its log is opened or deleted, its delivery
 * starts, follows updates, and ends. The catalog says what shall be; this makes it so, also after a crash in the middle.
 */
import type { Delivery } from "./delivery/index.ts"
import type { LogIngest } from "./ingest/index.ts"
import type { IngestProcesses } from "./ingest-processes/index.ts"
import { asKeyError, failureOf, type Keys } from "./keys/index.ts"
import type { LocalLog, SharedPartition } from "./log/index.ts"
import type { Logger } from "./observe/index.ts"
import type { Clock } from "./platform/index.ts"
import {
  afterDisabling,
  type Catalog,
  enabled,
  enablingFailed,
  isChanging,
  type StreamDefinition,
} from "./streams/index.ts"

export interface StreamLifecycleParts {
  readonly clock: Clock
  readonly catalog: Catalog
  readonly keys: Keys
  readonly log: LocalLog
  readonly ingest: LogIngest
  readonly processes: IngestProcesses
  readonly delivery: Delivery<SharedPartition>
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

  /** Tries nothing again from now on, and resolves when every step that is under way is done, or `graceMs` are over. */
  async close(graceMs: number): Promise<void> {
    this.#closed.abort()
    const over = new AbortController()
    await Promise.race([this.settled(), this.#parts.clock.sleep(graceMs, over.signal)])
    over.abort()
  }

  #onChange(now: StreamDefinition | undefined, before: StreamDefinition | undefined) {
    if (now === undefined) return
    // At once: what is put from now on is sealed as the definition says.
    this.#parts.keys.of(now)
    const statusChanged = now.status.kind !== before?.status.kind
    const toBringUp = now.status.kind === "CREATING" || now.status.kind === "DELETING"
    if (before === undefined || (statusChanged && toBringUp)) {
      void this.#bringUpInTurn(now)
    } else if (!statusChanged) {
      this.#tellUpdate(now, before)
      if (isChanging(now.encryption)) void this.#bringUpInTurn(now)
      else void this.#step(now, () => this.#update(now))
    } else {
      void this.#step(now, () => this.#parts.processes.admit(now))
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
        return this.#openAndEncrypt(stream)
      case "DELETING":
        return this.#delete(stream)
      case "CREATING_FAILED":
      case "DELETING_FAILED":
        return Promise.resolve()
    }
  }

  async #create(stream: StreamDefinition) {
    const encrypted = isChanging(stream.encryption) ? await this.#changeEncryption(stream) : stream
    if (encrypted.encryption.state.status === "ENABLING_FAILED") {
      const { failure } = encrypted.encryption.state
      await this.#changeIf(stream, "CREATING", (current) => ({
        ...current,
        encryption: encrypted.encryption,
        status: { kind: "CREATING_FAILED", failure },
      }))
      return
    }
    await this.#open(encrypted)
    await this.#changeIf(stream, "CREATING", (current) => ({
      ...current,
      encryption: encrypted.encryption,
      status: { kind: "ACTIVE" },
    }))
    this.#parts.logger.info({ stream: stream.name }, "Delivery stream created")
  }

  async #openAndEncrypt(stream: StreamDefinition) {
    await this.#open(stream)
    if (!isChanging(stream.encryption)) return
    const { encryption } = await this.#changeEncryption(stream)
    await this.#changeIf(stream, "ACTIVE", (current) => ({ ...current, encryption }))
  }

  /** Carries out a start or a stop of encryption that was accepted. */
  async #changeEncryption(stream: StreamDefinition): Promise<StreamDefinition> {
    const { keys, logger } = this.#parts
    const { encryption } = stream
    const { state } = encryption
    const fields = { stream: stream.name }
    if (state.status === "DISABLING") {
      logger.info(fields, "Encryption disabled: records are stored in the clear from now on")
      return { ...stream, encryption: afterDisabling(encryption) }
    }
    if (state.status !== "ENABLING") return stream
    try {
      const dataKey = await keys.of(stream).make(state.key)
      logger.info({ ...fields, key: state.key }, "Encryption enabled")
      return { ...stream, encryption: enabled(encryption, dataKey) }
    } catch (error) {
      const failure = failureOf(asKeyError(error))
      logger.error({ ...fields, key: state.key, failure }, "Encryption could not be enabled; start it again")
      return { ...stream, encryption: enablingFailed(encryption, failure) }
    }
  }

  /** Changes a stream that is still as it was when the step was begun: in the same status, with the same encryption. */
  async #changeIf(
    stream: StreamDefinition,
    status: StreamDefinition["status"]["kind"],
    change: (current: StreamDefinition) => StreamDefinition,
  ) {
    await this.#parts.catalog.change(stream.name, (current) =>
      current.uid === stream.uid && current.status.kind === status && current.encryption === stream.encryption
        ? change(current)
        : current,
    )
  }

  async #update(stream: StreamDefinition) {
    const { delivery, processes } = this.#parts
    try {
      await delivery.update(stream)
    } catch (error) {
      void this.#tryAgain(stream)
      throw error
    }
    await processes.admit(stream)
  }

  async #open(given: StreamDefinition) {
    const { log, delivery, ingest, processes } = this.#parts
    const stream = await this.#withPartitions(given)
    const keys = this.#parts.keys.of(stream)
    const name = (partition: number) => ({ streamUid: stream.uid, partition })
    const open = (partition: number): Promise<SharedPartition> =>
      processes.writerOf(partition)?.open(stream) ?? log.open(name(partition), keys)
    const own = await log.open(name(ownPartition), keys)
    const others = Array.from({ length: stream.partitionCount - 1 }, (_, index) => open(ownPartition + 1 + index))
    const partitions = [own, ...(await Promise.all(others))]
    // Before the first append: delivery knows which positions were used, also those that a disk has lost.
    await delivery.start(stream, partitions)
    ingest.attach(stream.uid, { partitionNumber: ownPartition, partition: own, keys })
    await processes.admit(stream)
  }

  /** Notes that a stream has as many partitions as are written by now: a later server with fewer processes delivers them all. */
  async #withPartitions(stream: StreamDefinition): Promise<StreamDefinition> {
    const { catalog, processes } = this.#parts
    const { partitionCount } = processes
    if (stream.partitionCount >= partitionCount) return stream
    await catalog.change(stream.name, (current) =>
      current.uid === stream.uid
        ? { ...current, partitionCount: Math.max(current.partitionCount, partitionCount) }
        : current,
    )
    return { ...stream, partitionCount }
  }

  async #delete(stream: StreamDefinition) {
    const { catalog, delivery, ingest, keys, log, logger, processes } = this.#parts
    ingest.detach(stream.uid)
    await processes.dismiss(stream.uid)
    await delivery.stop(stream.uid)
    await log.delete(stream.uid)
    await delivery.forget(stream.uid)
    await catalog.remove(stream.name)
    keys.forget(stream.uid)
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

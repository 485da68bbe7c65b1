import { type Companion, connect, EndedError, KeptRunning, type Peer } from "../calls/index.ts"
import type { Settings } from "../config/index.ts"
import type { Delivery, FlushOutcome, PreviewOutcome, PreviewRequest } from "../delivery/index.ts"
import {
  type GrownPartition,
  GrowthTeller,
  KeyUnavailableError,
  type PartitionName,
  type SharedPartition,
} from "../log/index.ts"
import { type GaugeValue, type Logger, relayLine, type ServerMetrics } from "../observe/index.ts"
import type { Clock } from "../platform/index.ts"
import type { StreamDefinition } from "../streams/index.ts"
import type { DeliveryProcedures, FoundKey, MainProcedures } from "./procedures.ts"

export interface DeliveryThreadOptions {
  readonly settings: Settings
  readonly spawn: () => Companion
  readonly clock: Clock
  readonly metrics: Pick<ServerMetrics, "merge" | "forget">
  readonly logger: Logger
}

/** Beyond the time that attempts may take: for checkpoints, and for what else it has to close. */
const closeMsMax = 10_000
/** Whoever asks for gauges gets none rather than wait for a thread that is too busy to tell them. */
const gaugesMsMax = 1000
/** Whose wait is over gets what there is from the thread, or nothing when that does not tell it. */
const endMsMax = 1000
/** Streams that a thread is given again at a time: for each of them, files are open. */
const givenAtATime = 64
/** A stream that could not be given again is tried again this often. */
const giveAgainMs = 60_000

/** A call that can be told to answer before it is done. */
interface EndableCall<T> {
  ask(): Promise<T>
  end(): void
  /** The answer of one that was ended and did not answer. */
  readonly ended: T
}

interface Delivered {
  definition: StreamDefinition
  readonly partitions: readonly SharedPartition[]
  /** Resolves when it is not being given again to a thread that was started anew. */
  givenAgain: Promise<void>
  /** Why it could not be given again, as one sentence. */
  problem: string | undefined
}

/**
 * Delivery in a thread of its own, as the main thread sees it. The thread reads the log's files by itself; this tells it how
 * far they are durable, and does for it what only their writers and the keys can. When the thread ends by an error it is
 * started anew and given the same streams again: it goes on from its checkpoints, as after a crash.
 */
export class DeliveryThread implements Delivery<SharedPartition> {
  readonly #options: DeliveryThreadOptions
  readonly #streams = new Map<string, Delivered>()
  readonly #teller: GrowthTeller
  readonly #thread: KeptRunning<Companion, DeliveryProcedures>
  /** The thread that is told how partitions grow: also while it is still given its streams, from each one on. */
  #told: Peer<DeliveryProcedures> | undefined
  #askedCount = 0

  /** Spawns the thread at once: it loads its program while others start. */
  constructor(options: DeliveryThreadOptions) {
    this.#options = options
    const { clock, logger, spawn } = options
    this.#teller = new GrowthTeller({ clock, tell: (grown) => this.#tellGrown(grown) })
    this.#thread = new KeptRunning({
      clock,
      name: "The delivery thread",
      spawn,
      begin: (thread) => this.#begin(thread),
      onEnded: (how) =>
        logger.error(
          { how },
          "The delivery thread has ended by an error; records are taken meanwhile, and it is started again and goes on from its checkpoints. Please report it",
        ),
      onAgain: () => logger.info("The delivery thread runs again"),
      onFailed: (err) => logger.error({ err }, "The delivery thread can't be started; it will be tried again"),
    })
  }

  /** What is not delivered now, and why, one sentence each. */
  get problems(): readonly string[] {
    if (this.#thread.running === undefined) return ["Nothing is delivered: the delivery thread is being started"]
    return [...this.#streams.values()].flatMap(({ problem }) => problem ?? [])
  }

  /** Resolves when it can deliver. @throws Error when it can't be started */
  get started(): Promise<void> {
    return this.#thread.started
  }

  async start(definition: StreamDefinition, partitions: readonly SharedPartition[]) {
    if (this.#streams.has(definition.uid)) return this.update(definition)
    const stream = { definition, partitions, givenAgain: Promise.resolve(), problem: undefined }
    this.#streams.set(definition.uid, stream)
    try {
      await this.#thread.call("start", this.#asGiven(stream))
    } catch (error) {
      this.#forgetPartitions(definition.uid)
      throw error
    }
  }

  async update(definition: StreamDefinition) {
    const stream = this.#streams.get(definition.uid)
    if (stream === undefined) return
    stream.definition = definition
    await stream.givenAgain
    await this.#thread.call("update", definition)
  }

  async stop(streamUid: string) {
    const stream = this.#streams.get(streamUid)
    if (stream === undefined) return
    await stream.givenAgain
    await this.#thread.call("stop", { streamUid })
    // Not before: what was delivered last may still be trimmed.
    this.#forgetPartitions(streamUid)
    this.#options.metrics.forget(stream.definition.name)
  }

  async forget(streamUid: string) {
    await this.#thread.call("forget", { streamUid })
  }

  flush(streamName: string, signal: AbortSignal): Promise<FlushOutcome | undefined> {
    const flushId = ++this.#askedCount
    return this.#untilEnded<FlushOutcome | undefined>(signal, {
      ask: () => this.#thread.call("flush", { streamName, flushId }, signal),
      end: () => this.#thread.peer?.tell("endFlush", { flushId }),
      ended: { complete: false, delivered: [] },
    })
  }

  preview(request: PreviewRequest, signal: AbortSignal): Promise<PreviewOutcome> {
    const previewId = ++this.#askedCount
    return this.#untilEnded<PreviewOutcome>(signal, {
      ask: () => this.#thread.call("preview", { ...request, previewId }, signal),
      end: () => this.#thread.peer?.tell("endPreview", { previewId }),
      ended: { kind: "ended" },
    })
  }

  /**
   * Asks the thread for what may take long. When the signal comes it is told to answer with what there is, and whoever asked gets
   * `ended` when it does not answer soon.
   */
  async #untilEnded<T>(signal: AbortSignal, { ask, end, ended }: EndableCall<T>): Promise<T> {
    const { clock } = this.#options
    const over = new AbortController()
    let onEnd = () => {}
    const unanswered = new Promise<T>((resolve) => {
      onEnd = () => {
        end()
        void clock.sleep(endMsMax, over.signal).then(() => resolve(ended))
      }
    })
    signal.addEventListener("abort", onEnd, { once: true })
    try {
      return await Promise.race([ask(), unanswered])
    } catch (error) {
      if (error instanceof EndedError && signal.aborted) return ended
      throw error
    } finally {
      signal.removeEventListener("abort", onEnd)
      over.abort()
    }
  }

  /** What the gauges of all streams say now: none while the thread does not run. What it has counted is merged before. */
  async gauges(): Promise<readonly GaugeValue[]> {
    const { peer } = this.#thread
    if (peer === undefined) return []
    this.#teller.tellNow()
    const over = new AbortController()
    const none = this.#options.clock.sleep(gaugesMsMax, over.signal).then(() => [])
    try {
      return await Promise.race([peer.call("gauges", undefined), none])
    } catch (error) {
      if (error instanceof EndedError) return []
      throw error
    } finally {
      over.abort()
    }
  }

  async close(graceMs: number) {
    try {
      await this.#thread.close((peer) => peer.call("close", { graceMs }), graceMs + closeMsMax)
    } catch (err) {
      this.#options.logger.warn(
        { err },
        "The delivery thread did not end as it should; what it did not see delivered is delivered at the next start",
      )
    }
  }

  async #begin(thread: Companion): Promise<Peer<DeliveryProcedures>> {
    const { logger, metrics, settings } = this.#options
    const own: MainProcedures = {
      extentNow: async (name) => {
        const partition = this.#partition(name)
        await partition.endNow()
        return partition.extent
      },
      trim: async ({ position, ...name }) => {
        const partition = this.#partition(name)
        await partition.trim(position)
        return partition.extent
      },
      skipTo: async ({ position, ...name }) => {
        const partition = this.#partition(name)
        await partition.skipTo(position)
        return partition.extent
      },
      findKey: ({ keyId, ...name }) => findKey(this.#partition(name), keyId),
      counted: async (delta) => metrics.merge(delta),
      logged: async (line) => relayLine(logger, line),
    }
    const peer = connect<DeliveryProcedures, MainProcedures>(thread, own, "The delivery thread")
    await peer.call("begin", settings)
    this.#told = peer
    const waiting = [...this.#streams.values()].values()
    const giveNext = async () => {
      for (const stream of waiting) await this.#giveAgain(peer, stream)
    }
    await Promise.all(Array.from({ length: givenAtATime }, giveNext))
    return peer
  }

  /** Gives a stream to a thread that was started anew. One that it can't deliver does not hold up the others. */
  async #giveAgain(peer: Peer<DeliveryProcedures>, stream: Delivered) {
    const { name, uid } = stream.definition
    // It may have been stopped meanwhile, and even started again.
    if (this.#streams.get(uid) !== stream) return
    const given = peer.call("start", this.#asGiven(stream))
    stream.givenAgain = given.catch(() => {})
    try {
      await given
      stream.problem = undefined
    } catch (err) {
      if (err instanceof EndedError) throw err
      const { clock, logger } = this.#options
      stream.problem = `Delivery stream "${name}" is not delivered: ${err instanceof Error ? err.message : err}`
      logger.error({ err, stream: name }, "Delivery of this stream can't go on; it is tried again every minute")
      void clock
        .sleep(giveAgainMs, this.#thread.retired)
        .then(() => this.#giveAgain(peer, stream))
        .catch(() => {
          // It has ended meanwhile: the next one is given the stream too.
        })
    }
  }

  async #tellGrown(grown: readonly GrownPartition[]) {
    try {
      await this.#told?.call("grew", grown)
    } catch (error) {
      // The next thread is told how long they are when it is given them.
      if (!(error instanceof EndedError)) throw error
    }
  }

  #asGiven({ definition, partitions }: Delivered) {
    const streamUid = definition.uid
    for (const [number, partition] of partitions.entries()) {
      this.#teller.watch({ streamUid, partition: number }, partition)
    }
    return { stream: definition, partitions: partitions.map(({ extent }) => extent) }
  }

  #forgetPartitions(streamUid: string) {
    this.#teller.forget(streamUid)
    this.#streams.delete(streamUid)
  }

  #partition({ streamUid, partition }: PartitionName): SharedPartition {
    const found = this.#streams.get(streamUid)?.partitions[partition]
    if (found === undefined) throw new Error(`Partition ${partition} of "${streamUid}" is not delivered any more`)
    return found
  }
}

async function findKey({ keys }: SharedPartition, keyId: string): Promise<FoundKey> {
  try {
    return { kind: "found", key: await keys.find(keyId) }
  } catch (error) {
    if (!(error instanceof KeyUnavailableError)) throw error
    return { kind: "unavailable", message: error.message, code: error.code }
  }
}

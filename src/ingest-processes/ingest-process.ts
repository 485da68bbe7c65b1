import type { Socket } from "node:net"
import { type Companion, connect, EndedError, KeptRunning, type Peer } from "../calls/index.ts"
import { asPosition, type FollowedPartition, type PartitionSource, type Position } from "../log/index.ts"
import type { Logger } from "../observe/index.ts"
import type { Clock } from "../platform/index.ts"
import type { StreamDefinition } from "../streams/index.ts"
import type { IngestProcedures, IngestProcessStart, ServerProcedures } from "./procedures.ts"

/** An ingest process that was spawned. */
export interface Child extends Companion {
  /** Hands a connection over that nothing was read from. */
  sendConnection(socket: Socket): void
}

export interface IngestProcessOptions {
  readonly start: IngestProcessStart
  readonly spawn: () => Child
  readonly clock: Clock
  readonly logger: Logger
  readonly server: Omit<ServerProcedures, "grew">
  /** Reads the partition of a stream that the process writes. */
  readonly follow: (stream: StreamDefinition, partition: number, source: PartitionSource) => FollowedPartition
}

/** A stream whose partition could not be opened again is tried this often. */
const giveAgainMs = 60_000
/** What a process that ends by itself may take for it. */
const closeMsMax = 10_000
/** What it may take beyond the time that requests under way are given, until it has cut their connections. */
const cutMsMax = 1000

/** A stream whose partition the process writes. */
interface Written {
  stream: StreamDefinition
  readonly partition: FollowedPartition
  admitted: boolean
  /** Positions before it were used, whatever the disk has lost of them since. */
  usedThrough: Position
}

/**
 * One ingest process, as the server's process sees it: started anew whenever it ends, and then given the same streams again.
 * Meanwhile what it has stored is delivered: its files are here too.
 */
export class IngestProcess {
  readonly #options: IngestProcessOptions
  readonly #written = new Map<string, Written>()
  readonly #process: KeptRunning<Child, IngestProcedures>

  private constructor(options: IngestProcessOptions) {
    this.#options = options
    const { clock, logger, spawn } = options
    const fields = { ingestProcess: this.number }
    this.#process = new KeptRunning({
      clock,
      name: `Ingest process ${this.number}`,
      spawn,
      begin: (child) => this.#begin(child),
      onEnded: (how) =>
        logger.error(
          { ...fields, how },
          "An ingest process has ended; what it acknowledged is safe, its clients' connections are closed, and it is started again",
        ),
      onAgain: () => logger.info(fields, "An ingest process takes puts again"),
      onFailed: (err) => logger.error({ err, ...fields }, "An ingest process can't be started; it will be tried again"),
    })
  }

  /** @throws Error when it can't be started */
  static async start(options: IngestProcessOptions): Promise<IngestProcess> {
    const process = new IngestProcess(options)
    await process.#process.started
    return process
  }

  get number(): number {
    return this.#options.start.number
  }

  /** Whether it takes connections now. */
  get isRunning(): boolean {
    return this.#process.running !== undefined
  }

  /** Gives it a connection that nothing was read from. */
  take(socket: Socket) {
    if (this.#process.running === undefined) socket.destroy()
    else this.#process.running.sendConnection(socket)
  }

  /** Opens its partition of a stream; one that is open already is given again. */
  async open(stream: StreamDefinition): Promise<FollowedPartition> {
    const known = this.#written.get(stream.uid)
    if (known !== undefined) return known.partition
    const usedThrough = asPosition(0)
    const extent = await this.#process.call("open", { stream, usedThrough })
    const streamUid = stream.uid
    const written: Written = {
      stream,
      admitted: false,
      usedThrough,
      partition: this.#options.follow(stream, this.number, {
        extent,
        extentNow: () => this.#process.call("extent", { streamUid }),
        trim: (position) => this.#process.call("trim", { streamUid, position }),
        skipTo: (position) => {
          written.usedThrough = asPosition(Math.max(position, written.usedThrough))
          return this.#process.call("skipTo", { streamUid, position })
        },
      }),
    }
    this.#written.set(stream.uid, written)
    return written.partition
  }

  /** Has it take puts for a stream whose partition is open, as this definition says. */
  async admit(stream: StreamDefinition): Promise<void> {
    const written = this.#written.get(stream.uid)
    if (written === undefined) return
    written.stream = stream
    written.admitted = true
    await this.#process.call("admit", stream)
  }

  /** Has it take no more puts for a stream, and close its partition. */
  async dismiss(streamUid: string): Promise<void> {
    this.#written.delete(streamUid)
    await this.#process.call("dismiss", { streamUid })
  }

  /** From now on it is not started again; one that hangs is ended. */
  async drain(graceMs: number): Promise<void> {
    this.#process.retire()
    const { running, peer } = this.#process
    const over = new AbortController()
    void this.#options.clock.sleep(graceMs + cutMsMax, over.signal).then(() => {
      if (!over.signal.aborted) running?.kill()
    })
    try {
      await peer?.call("drain", { graceMs })
    } catch (err) {
      this.#warnOfEnd(err)
    } finally {
      over.abort()
    }
  }

  async close(): Promise<void> {
    try {
      await this.#process.close((peer) => peer.call("close", undefined), closeMsMax)
    } catch (err) {
      this.#warnOfEnd(err)
    }
  }

  #warnOfEnd(err: unknown) {
    this.#options.logger.warn(
      { err, ingestProcess: this.number },
      "An ingest process did not end as it should; nothing is lost by that",
    )
  }

  async #begin(child: Child): Promise<Peer<IngestProcedures>> {
    const { server, start } = this.#options
    const own: ServerProcedures = {
      ...server,
      grew: async (partitions) => {
        for (const { streamUid, extent } of partitions) this.#written.get(streamUid)?.partition.grow(extent)
      },
    }
    const peer = connect<IngestProcedures, ServerProcedures>(child, own, `Ingest process ${this.number}`)
    await peer.call("start", start)
    for (const streamUid of this.#written.keys()) await this.#giveAgain(peer, streamUid)
    return peer
  }

  /**
   * Gives a stream to a process that was started anew. One whose partition can't be opened does not hold up the others: as
   * long as the process does not know it, its puts are performed by the server's process.
   */
  async #giveAgain(peer: Peer<IngestProcedures>, streamUid: string) {
    const written = this.#written.get(streamUid)
    if (written === undefined) return
    const { stream, partition, usedThrough } = written
    try {
      const skipTo = asPosition(Math.max(usedThrough, partition.end))
      partition.update(await peer.call("open", { stream, usedThrough: skipTo }))
      if (written.admitted) await peer.call("admit", written.stream)
    } catch (err) {
      if (err instanceof EndedError) throw err
      const { clock, logger } = this.#options
      logger.error(
        { err, stream: stream.name, ingestProcess: this.number },
        "An ingest process can't open its partition of this stream, and takes no puts for it; it is tried again every minute",
      )
      void clock
        .sleep(giveAgainMs, this.#process.retired)
        .then(() => (this.#process.retired.aborted ? undefined : this.#giveAgain(peer, streamUid)))
        .catch(() => {
          // It has ended meanwhile: the next one is given the stream too.
        })
    }
  }
}

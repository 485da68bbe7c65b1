import type { Socket } from "node:net"
import {
  asPosition,
  type FollowedPartition,
  type PartitionReader,
  type PartitionSource,
  type Position,
} from "../log/index.ts"
import type { Logger } from "../observe/index.ts"
import type { Clock } from "../platform/index.ts"
import type { StreamDefinition } from "../streams/index.ts"
import { type Channel, connect, type Peer } from "./calls.ts"
import type { IngestProcedures, IngestProcessStart, ServerProcedures } from "./procedures.ts"

/** A process that was started, and has nothing to do yet. */
export interface Child extends Channel {
  /** Hands a connection over that nothing was read from. */
  sendConnection(socket: Socket): void
  /** Ends it at once. No error when it has ended. */
  kill(): void
  /** Resolves with how it ended. */
  readonly ended: Promise<string>
}

export interface IngestProcessOptions {
  readonly start: IngestProcessStart
  readonly spawn: () => Child
  readonly clock: Clock
  readonly logger: Logger
  readonly server: Omit<ServerProcedures, "appended">
  /** Reads the partition of a stream that the process writes. */
  readonly follow: (stream: StreamDefinition, partition: number, source: PartitionSource) => FollowedPartition
}

/** A process that has ended is started again after this time: its clients have met their errors by then. */
const restartMs = 1000
/** What a process that ends by itself may take for it. */
const closeMsMax = 10_000

interface Running {
  readonly child: Child
  readonly peer: Peer<IngestProcedures>
}

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
  #running: Running | undefined
  /** Those who wait until it runs. */
  #waiting: (() => void)[] = []
  #isClosing = false

  private constructor(options: IngestProcessOptions) {
    this.#options = options
  }

  /** @throws Error when it can't be started */
  static async start(options: IngestProcessOptions): Promise<IngestProcess> {
    const process = new IngestProcess(options)
    await process.#start()
    return process
  }

  get number(): number {
    return this.#options.start.number
  }

  /** Whether it takes connections now. */
  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** Gives it a connection that nothing was read from. */
  take(socket: Socket) {
    if (this.#running === undefined) socket.destroy()
    else this.#running.child.sendConnection(socket)
  }

  /** Opens its partition of a stream; one that is open already is given again. */
  async open(stream: StreamDefinition): Promise<PartitionReader> {
    const known = this.#written.get(stream.uid)
    if (known !== undefined) return known.partition
    const usedThrough = asPosition(0)
    const extent = await (await this.#peer()).call("open", { stream, usedThrough })
    const written: Written = {
      stream,
      admitted: false,
      usedThrough,
      partition: this.#options.follow(stream, this.number, {
        extent,
        extentNow: async () => (await this.#peer()).call("extent", { streamUid: stream.uid }),
        trim: async (position) => (await this.#peer()).call("trim", { streamUid: stream.uid, position }),
        skipTo: async (position) => {
          written.usedThrough = asPosition(Math.max(position, written.usedThrough))
          return (await this.#peer()).call("skipTo", { streamUid: stream.uid, position })
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
    await (await this.#peer()).call("admit", stream)
  }

  /** Has it take no more puts for a stream, and close its partition. */
  async dismiss(streamUid: string): Promise<void> {
    this.#written.delete(streamUid)
    await (await this.#peer()).call("dismiss", { streamUid })
  }

  async drain(graceMs: number): Promise<void> {
    this.#isClosing = true
    await this.#running?.peer.call("drain", { graceMs })
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#wakeWaiting()
    const running = this.#running
    if (running === undefined) return
    const { clock, logger } = this.#options
    const late = new AbortController()
    void clock.sleep(closeMsMax, late.signal).then(() => {
      if (!late.signal.aborted) running.child.kill()
    })
    await running.peer.call("close", undefined).catch((err: unknown) => {
      logger.warn(
        { err, ingestProcess: this.number },
        "An ingest process did not end as it should; nothing is lost by that",
      )
    })
    running.child.kill()
    await running.child.ended
    late.abort()
  }

  /** The process as it is now, or once it has been started again. */
  async #peer(): Promise<Peer<IngestProcedures>> {
    for (;;) {
      if (this.#running !== undefined) return this.#running.peer
      if (this.#isClosing) throw new Error(`Ingest process ${this.number} is not running`)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  #wakeWaiting() {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  async #start() {
    const { spawn, server, start } = this.#options
    const child = spawn()
    const own: ServerProcedures = {
      ...server,
      appended: async (changes) => {
        for (const { streamUid, extent } of changes) this.#written.get(streamUid)?.partition.update(extent)
      },
    }
    const peer = connect<IngestProcedures, ServerProcedures>(child, own, `Ingest process ${this.number}`)
    try {
      await peer.call("start", start)
      for (const written of this.#written.values()) await this.#giveAgain(peer, written)
    } catch (error) {
      child.kill()
      throw error
    }
    this.#running = { child, peer }
    this.#wakeWaiting()
    void child.ended.then((how) => this.#startAgain(how))
  }

  async #giveAgain(peer: Peer<IngestProcedures>, { stream, partition, usedThrough, admitted }: Written) {
    const skipTo = asPosition(Math.max(usedThrough, partition.end))
    partition.update(await peer.call("open", { stream, usedThrough: skipTo }))
    if (admitted) await peer.call("admit", stream)
  }

  async #startAgain(how: string) {
    const { clock, logger } = this.#options
    this.#running = undefined
    if (this.#isClosing) return
    logger.error(
      { ingestProcess: this.number, how },
      "An ingest process has ended; what it acknowledged is safe, its clients' connections are closed, and it is started again",
    )
    while (!this.#isClosing) {
      await clock.sleep(restartMs)
      try {
        await this.#start()
        logger.info({ ingestProcess: this.number }, "An ingest process takes puts again")
        return
      } catch (err) {
        logger.error({ err, ingestProcess: this.number }, "An ingest process can't be started; it will be tried again")
      }
    }
  }
}

import type { Socket } from "node:net"
import type { Logger } from "../../observe/index.ts"
import type { Clock, Random } from "../../platform/index.ts"
import type { Answer } from "../answer.ts"
import type { ByteBudget } from "../byte-budget.ts"
import type { ExtendedIds } from "../extended-ids.ts"
import type { KeptBuffers } from "../kept-buffers.ts"
import { LaneConnection } from "./connection.ts"
import type { HeadFields } from "./request-head.ts"

/** A whole request in the lane's form: a POST to `/`. */
export interface LaneRequest {
  readonly requestId: string
  readonly fields: HeadFields
  readonly body: Buffer
}

export interface LaneLimits {
  /** From a request's first byte to the end of its head; of a first request, from the connection's beginning. */
  readonly headTimeoutMs: number
  /** From a request's first byte to its last; and for a client to read an answer. */
  readonly requestTimeoutMs: number
  /** From an answer to the next request. */
  readonly keepAliveTimeoutMs: number
  /** How often all that is looked at: it is this much later that a connection may end. */
  readonly checkIntervalMs: number
}

/** Gives a connection to a full server of HTTP, with what came from it and is not answered. It never comes back. */
export type HandOver = (socket: Socket, received: Buffer) => void

export interface LaneParts {
  /** Whether the lane answers a request with this head, or hands its connection over. */
  takes(fields: HeadFields, bodyBytes: number): boolean
  /** Never rejects. The body's bytes are its own until it resolves. */
  answer(request: LaneRequest): Promise<Answer>
  /** The answer to a request whose body did not fit in what the budget has left. */
  noRoom(): Answer
  readonly handOver: HandOver
  /** Of the bodies of all requests. */
  readonly budget: ByteBudget
  /** For bodies that come in more than one chunk. */
  readonly buffers: KeptBuffers
  readonly limits: LaneLimits
  readonly clock: Clock
  readonly random: Random
  readonly extendedIds: ExtendedIds
  readonly logger: Logger
}

/**
 * The lane in front of the full server of HTTP: it takes connections, answers the requests that clients send all the time
 * in the form in which they send them, and hands a connection over at the first request that is anything else. Node's
 * server costs more for a request than checking its signature and storing its record.
 */
export class Lane {
  readonly #parts: LaneParts
  readonly #connections = new Set<LaneConnection>()
  readonly #stopChecking = new AbortController()

  constructor(parts: LaneParts) {
    this.#parts = parts
    void this.#checkTimes()
  }

  /** Takes a connection from which nothing has been read. */
  accept(socket: Socket): void {
    const connection = new LaneConnection(this.#parts, socket, () => this.#connections.delete(connection))
    this.#connections.add(connection)
  }

  /** Makes the answers under way, and those to requests that have begun, the last ones of their connections; ends the others. */
  close(): void {
    this.#stopChecking.abort()
    for (const connection of this.#connections) connection.close()
  }

  /** Ends every connection. */
  destroy(): void {
    for (const connection of this.#connections) connection.destroy()
  }

  /** One timer for all connections: a timer for each request would cost more than reading its head. */
  async #checkTimes() {
    const { clock, limits } = this.#parts
    const { signal } = this.#stopChecking
    for (;;) {
      await clock.sleep(limits.checkIntervalMs, signal)
      if (signal.aborted) return
      const nowMs = clock.elapsed()
      for (const connection of this.#connections) connection.checkTime(nowMs)
    }
  }
}

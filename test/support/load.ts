import assert from "node:assert/strict"
import { setTimeout as sleep } from "node:timers/promises"
import { type FirehoseClient, type FirehoseClientConfig, ServiceUnavailableException } from "@aws-sdk/client-firehose"
import { firehoseClient, putAttempt } from "./firehose.ts"
import type { Ledger } from "./ledger.ts"
import { until } from "./until.ts"

/** A client that was refused waits so long before it tries again. */
const backoffMs = 10

export interface LoadOptions {
  /** Of its client, beside what every client of the tests has. */
  readonly client?: FirehoseClientConfig
  /** Goes on when a connection ends before its answer, as it does when one of several processes ends. */
  readonly reconnects?: boolean
}

/**
 * Producers that put into streams, one call after the other, single records and batches, until they are stopped or the
 * server is gone. A put may be stored or refused with ServiceUnavailableException; any other answer fails the test that
 * awaits `ended`.
 */
export class Load {
  /** Rejects when a put was answered as it must not be. */
  readonly ended: Promise<void>
  readonly #client: FirehoseClient
  readonly #ledger: Ledger
  readonly #reconnects: boolean
  #storedCount = 0
  #refusedCount = 0
  #stopped = false
  #failure: unknown

  constructor(apiUrl: string, ledger: Ledger, streams: readonly string[], options: LoadOptions = {}) {
    this.#client = firehoseClient(apiUrl, options.client)
    this.#reconnects = options.reconnects ?? false
    this.#ledger = ledger
    const producers = streams.flatMap((stream) => [
      this.#produce(stream, [300]),
      this.#produce(stream, [20, 0, 4000, 70_000]),
      this.#produce(
        stream,
        Array.from({ length: 50 }, () => 1000),
      ),
    ])
    this.ended = Promise.all(producers).then(
      () => this.#client.destroy(),
      (error: unknown) => {
        this.#failure = error
        this.#stopped = true
        throw error
      },
    )
    // Whoever awaits it is told; until then nobody has to be.
    this.ended.catch(() => undefined)
  }

  /** Resolves once so many puts more were acknowledged. */
  stored(count: number): Promise<void> {
    const target = this.#storedCount + count
    return this.#until(() => this.#storedCount >= target)
  }

  /** Resolves once so many puts more were refused. */
  refused(count: number): Promise<void> {
    const target = this.#refusedCount + count
    return this.#until(() => this.#refusedCount >= target)
  }

  /** Begins no more puts, and resolves when those under way are answered. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.ended
  }

  #until(condition: () => boolean): Promise<void> {
    return until(() => {
      if (this.#failure !== undefined) throw this.#failure
      return condition()
    })
  }

  async #produce(stream: string, sizes: readonly number[]): Promise<void> {
    while (!this.#stopped) {
      const attempt = this.#ledger.attempt(stream, sizes)
      try {
        this.#ledger.acknowledge(attempt, await putAttempt(this.#client, attempt))
        this.#storedCount++
      } catch (error) {
        if (isConnectionFailure(error)) {
          if (!this.#reconnects) return
          await sleep(backoffMs)
          continue
        }
        assert(error instanceof ServiceUnavailableException, `a put may be refused, and not with: ${error}`)
        this.#refusedCount++
        await sleep(backoffMs)
      }
    }
  }
}

function isConnectionFailure(error: unknown): boolean {
  const codes: readonly unknown[] = ["ECONNREFUSED", "ECONNRESET", "EPIPE"]
  return error instanceof Error && "code" in error && codes.includes(error.code)
}

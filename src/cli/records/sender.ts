import { Batcher, type BatchLimits, type RecordToPut } from "./batcher.ts"

/**
 * Sends records in batches, several at a time. A batch leaves when it is full, or when the input pauses while nothing else is
 * under way: so a file goes in full batches, and a line that trickles out of a pipe goes at once.
 *
 * After the first failure nothing more is sent: the failure is thrown by the next call, and by `finish`.
 */
export class Sender<R extends RecordToPut> {
  readonly #send: (batch: readonly R[]) => Promise<void>
  readonly #inFlightMax: number
  readonly #batcher: Batcher<R>
  readonly #inFlight = new Set<Promise<void>>()
  #isInputPaused = false
  #failure: { readonly error: unknown } | undefined

  constructor(send: (batch: readonly R[]) => Promise<void>, limits: BatchLimits & { readonly inFlightMax: number }) {
    this.#send = send
    this.#inFlightMax = limits.inFlightMax
    this.#batcher = new Batcher(limits)
  }

  /** Resolves when there is room for the next record. */
  async add(record: R): Promise<void> {
    this.#rethrow()
    this.#isInputPaused = false
    const full = this.#batcher.add(record)
    if (full === undefined) return
    this.#start(full)
    while (this.#inFlight.size >= this.#inFlightMax) await Promise.race(this.#inFlight)
    this.#rethrow()
  }

  /** No record comes for the moment: what waits leaves now, unless something is under way that will take it along. */
  inputPaused(): void {
    this.#isInputPaused = true
    if (this.#inFlight.size === 0) this.#startWaiting()
  }

  /** Sends what is left and resolves when everything was answered. */
  async finish(): Promise<void> {
    this.#startWaiting()
    while (this.#inFlight.size > 0) await Promise.race(this.#inFlight)
    this.#rethrow()
  }

  #startWaiting(): void {
    if (this.#failure !== undefined) return
    const batch = this.#batcher.take()
    if (batch !== undefined) this.#start(batch)
  }

  #start(batch: readonly R[]): void {
    const sending = this.#send(batch)
      .catch((error: unknown) => {
        this.#failure ??= { error }
      })
      .then(() => {
        this.#inFlight.delete(sending)
        if (this.#isInputPaused) this.inputPaused()
      })
    this.#inFlight.add(sending)
  }

  #rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}

import { requestBytesMax } from "../../functions/index.ts"
import type { Random } from "../../platform/index.ts"
import type { Chunk, Processed, Processor, ProcessorWorld, RecordFailure, WorkingRecord } from "../processor.ts"
import { type AnsweredPart, type FailedAnswer, type RecordAnswer, readAnswer } from "./lambda-answer.ts"
import { eventHead, eventOf, inBatches, type SentRecord, toBeSent } from "./lambda-event.ts"

export interface LambdaProcessorOptions {
  readonly arn: string
  /** With its qualifier, for error records. */
  readonly shownArn: string
  readonly retriesMax: number
  /** Bytes of records that are sent together. */
  readonly batchBytesMax: number
}

const firstPauseMs = 500
const longestPauseMs = 15_000
const jitter = 0.15

/** How long to wait after so many failed attempts. */
function pauseMs(attempts: number, random: Random): number {
  const plain = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(attempts - 1, 10))
  return Math.round(plain * (1 + jitter * (2 * random.fraction() - 1)))
}

/** What is known of one record in the end. */
type Outcome =
  | Exclude<RecordAnswer, FailedAnswer>
  | (FailedAnswer & { readonly attemptsMade: number; readonly endedMs: number })

interface Run {
  readonly chunk: Chunk
  readonly signal: AbortSignal
  readonly outcomes: Map<SentRecord, Outcome>
  readonly calls: { invocations: number; successes: number; durationMs: number }
}

/** Invokes a function with records, batch by batch: spec/processing.md, section 3. */
export class LambdaProcessor implements Processor {
  readonly #options: LambdaProcessorOptions
  readonly #world: ProcessorWorld

  constructor(options: LambdaProcessorOptions, world: ProcessorWorld) {
    this.#options = options
    this.#world = world
  }

  async process(records: readonly WorkingRecord[], chunk: Chunk, signal: AbortSignal): Promise<Processed> {
    const sent = toBeSent(records, chunk)
    const calls = { invocations: 0, successes: 0, durationMs: 0 }
    const run: Run = { chunk, signal, outcomes: new Map(), calls }
    const eventBytesMax = requestBytesMax - this.#head(chunk).length - 2
    for (const batch of inBatches(sent, { dataBytesMax: this.#options.batchBytesMax, eventBytesMax })) {
      await this.#processBatch(batch, run)
    }
    return this.#processed(sent, run)
  }

  #head(chunk: Chunk): string {
    return eventHead(chunk, this.#world.random.uuid())
  }

  /** Invokes the function with a batch until it answers, or has been tried as often as it may be. */
  async #processBatch(batch: readonly SentRecord[], run: Run): Promise<void> {
    const { clock, random } = this.#world
    const event = eventOf(this.#head(run.chunk), batch)
    if (event.byteLength > requestBytesMax) return this.#fail(batch, tooLarge(event.byteLength), 1, run)
    for (let attemptsMade = 1; ; attemptsMade++) {
      const invocation = await this.#invoke(event, run)
      if (invocation.kind === "returned") return this.#take(batch, invocation.payload, attemptsMade, run)
      if (invocation.isTooLarge && batch.length > 1) return this.#processHalves(batch, run)
      // What is too large is so the next time too.
      if (invocation.isTooLarge || attemptsMade > this.#options.retriesMax) {
        return this.#fail(batch, invocation, attemptsMade, run)
      }
      await clock.sleep(pauseMs(attemptsMade, random), run.signal)
      run.signal.throwIfAborted()
    }
  }

  /** Records whose answer is too large together may have answers one by one. */
  async #processHalves(batch: readonly SentRecord[], run: Run): Promise<void> {
    const middle = Math.ceil(batch.length / 2)
    await this.#processBatch(batch.slice(0, middle), run)
    await this.#processBatch(batch.slice(middle), run)
  }

  async #invoke(event: Uint8Array, { signal, calls }: Run) {
    const { clock, functions } = this.#world
    const startMs = clock.elapsed()
    const invocation = await functions.invoke(this.#options.arn, event, signal)
    signal.throwIfAborted()
    calls.invocations++
    calls.durationMs += clock.elapsed() - startMs
    if (invocation.kind === "returned") calls.successes++
    return invocation
  }

  #take(batch: readonly SentRecord[], payload: Uint8Array, attemptsMade: number, { outcomes }: Run): void {
    const endedMs = this.#world.clock.now()
    const recordIds = batch.map(({ recordId }) => recordId)
    const answers = readAnswer(payload, recordIds, this.#world.extensions)
    for (const [index, answer] of answers.entries()) {
      const record = batch[index]
      if (record === undefined) throw new Error("There are more answers than records")
      outcomes.set(record, answer.kind === "failed" ? { ...answer, attemptsMade, endedMs } : answer)
    }
  }

  #fail(
    batch: readonly SentRecord[],
    { code, message }: { readonly code: string; readonly message: string },
    attemptsMade: number,
    { outcomes }: Run,
  ): void {
    const endedMs = this.#world.clock.now()
    for (const record of batch) outcomes.set(record, { kind: "failed", code, message, attemptsMade, endedMs })
  }

  #processed(sent: readonly SentRecord[], { outcomes, calls }: Run): Processed {
    const records: WorkingRecord[] = []
    const failures: RecordFailure[] = []
    let [succeeded, succeededBytes] = [0, 0]
    for (const one of sent) {
      const { record } = one
      const outcome = outcomes.get(one)
      if (outcome === undefined) throw new Error("A record was sent and nothing is known of it")
      if (outcome.kind === "failed") {
        failures.push(this.#failureOf(record, outcome))
        continue
      }
      succeeded++
      succeededBytes += record.data.length
      if (outcome.kind === "ok") for (const part of outcome.parts) records.push(partOf(record, part))
    }
    const counts = [
      { name: "ExecuteProcessing.Duration", amount: calls.durationMs },
      { name: "ExecuteProcessing.Invocations", amount: calls.invocations },
      { name: "ExecuteProcessing.Success", amount: calls.successes },
      { name: "SucceedProcessing.Records", amount: succeeded },
      { name: "SucceedProcessing.Bytes", amount: succeededBytes },
    ] as const
    return { records, failures, counts: counts.filter(({ amount }) => amount > 0) }
  }

  #failureOf({ source }: WorkingRecord, outcome: Extract<Outcome, { kind: "failed" }>): RecordFailure {
    const { code, message, attemptsMade, endedMs } = outcome
    const { shownArn } = this.#options
    return {
      source,
      kind: "processing-failed",
      code,
      message,
      attemptsMade,
      attemptEndedMs: endedMs,
      lambdaArn: shownArn,
    }
  }
}

function partOf(record: WorkingRecord, { data, keys }: AnsweredPart): WorkingRecord {
  return keys === undefined ? { ...record, data } : { ...record, data, keys: { ...record.keys, lambda: keys } }
}

function tooLarge(eventBytes: number) {
  return {
    code: "Lambda.InvocationFailure",
    message: `The record makes an event of ${eventBytes} bytes, and a Lambda function takes ${requestBytesMax}.`,
  }
}

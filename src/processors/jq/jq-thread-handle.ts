import { Worker } from "node:worker_threads"
import type { JqRun } from "./jq-engine.ts"
import { type JqAnswer, type JqTask, type JqThreadData, progressSlots } from "./jq-thread-messages.ts"

/**
 * How often it is looked whether jq still moves before it is taken to hang. Looks are counted, not milliseconds: when the
 * whole process stood still, as when it is stopped and continued, jq did too.
 */
const looksPerDeadline = 10

export type JqThreadOutcome =
  | JqRun
  /** Nothing moved for too long: by record `index` of the inputs. The thread was ended. */
  | { readonly kind: "hung"; readonly index: number }

/** A thread that runs jq, seen from outside. One task at a time. */
export class JqThread {
  readonly #progress = new Int32Array(new SharedArrayBuffer(progressSlots.count * Int32Array.BYTES_PER_ELEMENT))
  readonly #worker: Worker
  #ended: Error | undefined

  constructor() {
    const workerData: JqThreadData = { progress: this.#progress }
    // What jq writes when it gives up is in its answer too.
    this.#worker = new Worker(new URL("jq-thread.js", import.meta.url), { workerData, stdout: true, stderr: true })
    this.#worker.stdout.resume()
    this.#worker.stderr.resume()
    this.#worker.on("error", (error) => {
      this.#ended ??= new Error(
        `The thread that runs jq failed: ${error instanceof Error ? error.message : String(error)}`,
      )
    })
    this.#worker.on("exit", (code) => {
      this.#ended ??= new Error(`The thread that runs jq came to an end with code ${code}`)
    })
    this.#worker.unref()
  }

  /** Whether it can do another task. */
  get isAlive(): boolean {
    return this.#ended === undefined
  }

  /**
   * Does a task. A record may take as long as `recordMsMax`; how long jq takes to load does not count. Rejects when the thread
   * comes to an end, and when `signal` is aborted, which ends it.
   */
  run(task: JqTask, recordMsMax: number, signal: AbortSignal): Promise<JqThreadOutcome> {
    return new Promise((resolve, reject) => {
      this.#worker.ref()
      let [seen, looks] = [-1, 0]
      const look = () => {
        const done = Atomics.load(this.#progress, progressSlots.recordsDone)
        const isRunning = Atomics.load(this.#progress, progressSlots.isRunning) === 1
        looks = isRunning && done === seen ? looks + 1 : 0
        seen = done
        if (looks === looksPerDeadline) {
          settle(() => resolve({ kind: "hung", index: Math.min(done, task.inputs.length - 1) }))
          void this.end(new Error("The thread that runs jq hung"))
        }
      }
      const timer = setInterval(look, recordMsMax / looksPerDeadline)
      const onMessage = (answer: JqAnswer) => {
        if (answer.kind === "done") return settle(() => resolve(answer.run))
        const failure = new Error(`jq cannot be run: ${answer.message}`)
        settle(() => reject(failure))
        // Node remembers in each thread what it could not load: another one tries anew.
        void this.end(failure)
      }
      const onExit = () => settle(() => reject(this.#ended))
      const onAbort = () => {
        settle(() => reject(signal.reason))
        void this.end(new Error("The thread that runs jq was told to end"))
      }
      const settle = (how: () => void) => {
        clearInterval(timer)
        this.#worker.off("message", onMessage).off("exit", onExit).unref()
        signal.removeEventListener("abort", onAbort)
        how()
      }
      this.#worker.on("message", onMessage).on("exit", onExit)
      signal.addEventListener("abort", onAbort)
      if (signal.aborted) onAbort()
      else if (this.#ended !== undefined) onExit()
      else this.#worker.postMessage(task)
    })
  }

  async end(why: Error): Promise<void> {
    this.#ended ??= why
    await this.#worker.terminate()
  }
}

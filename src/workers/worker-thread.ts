import { Worker } from "node:worker_threads"
import type { LaneThread } from "./thread-lane.ts"
import type { WorkAnswer, WorkTask } from "./thread-messages.ts"
import { handedOver, type Work } from "./workers.ts"

/** A thread that does work, seen from outside. One piece at a time. */
export class WorkerThread implements LaneThread {
  readonly #worker = new Worker(new URL("thread.js", import.meta.url))
  #ended: { readonly why: unknown } | undefined

  /** `onFailure`: told why it came to an end, unless it was told to. */
  constructor(onFailure: (why: unknown) => void) {
    const fail = (why: unknown) => {
      if (this.#ended !== undefined) return
      this.#ended = { why }
      onFailure(why)
    }
    this.#worker.on("error", fail)
    this.#worker.on("exit", (code) => fail(new Error(`A worker thread exited with code ${code}`)))
    // There is no memory for an answer, say.
    this.#worker.on("messageerror", (error) => {
      fail(error)
      void this.#worker.terminate()
    })
    this.#worker.unref()
  }

  get isAlive(): boolean {
    return this.#ended === undefined
  }

  /** Does one step, as `Workers.run`. */
  run<Input, Output extends object>({ module, name }: Work<Input, Output>, input: Input): Promise<Output> {
    const task: WorkTask<Input> = { module, name, input }
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(this.#ended.why)
      this.#worker.postMessage(task, handedOver(input))
      const onMessage = (answer: WorkAnswer<Output>) => {
        settle()
        if (answer.kind === "done") resolve(answer.output)
        else reject(answer.error)
      }
      const onExit = () => {
        settle()
        reject(this.#ended?.why)
      }
      const settle = () => this.#worker.off("message", onMessage).off("exit", onExit).unref()
      this.#worker.on("message", onMessage).on("exit", onExit).ref()
    })
  }

  async end(why: Error): Promise<void> {
    this.#ended ??= { why }
    await this.#worker.terminate()
  }
}

import { MessageChannel, type MessagePort, Worker } from "node:worker_threads"
import type { Clock } from "../../platform/index.ts"
import { failed, tooLarge } from "../failures.ts"
import type { Invocation } from "../functions.ts"
import { answerBytesMax } from "../functions.ts"
import { linkedTo } from "../linked-abort.ts"
import { tellConsole } from "./console-lines.ts"
import type { Ended, Invoke, ThreadSettings, ThreadStart } from "./messages.ts"

export interface FunctionThreadOptions {
  readonly clock: Clock
  readonly settings: ThreadSettings
  /** Added to the server's own variables, in a copy of them. */
  readonly environment: Readonly<Record<string, string>>
  /** What it wrote to its console. */
  readonly onLine: (line: string) => void
}

const program = new URL("./thread-program.js", import.meta.url)
const mebibyte = 1024 * 1024

/** How one invocation came out, and how the thread itself. */
type Outcome = Ended | { readonly kind: "died"; readonly how: string } | { readonly kind: "late" }

/** One thread of a function, which runs one invocation at a time. Whatever the function does ends this thread at most. */
export class FunctionThread {
  readonly #clock: Clock
  readonly #worker: Worker
  readonly #port: MessagePort
  readonly #died: Promise<void>
  /** How it ended, once it has. */
  #ended: string | undefined
  /** Ends the invocation that is under way. */
  #settle: ((outcome: Outcome) => void) | undefined
  #isUsable = true

  constructor({ clock, settings, environment, onLine }: FunctionThreadOptions) {
    this.#clock = clock
    const { port1, port2: port } = new MessageChannel()
    this.#port = port1
    this.#worker = new Worker(program, {
      name: "function",
      workerData: { settings, port } satisfies ThreadStart,
      transferList: [port],
      // What concerns the server's own start is not the function's.
      argv: [],
      execArgv: [],
      env: { ...process.env, ...environment },
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: settings.memoryBytesMax / mebibyte },
    })
    // The end of the server does not wait for it.
    this.#worker.unref()
    this.#port.on("message", (ended: Ended) => this.#settle?.(ended))
    this.#port.unref()
    tellConsole([this.#worker.stdout, this.#worker.stderr], { clock, tell: onLine })
    let failure: string | undefined
    this.#worker.on("error", (error: unknown) => {
      failure ??= error instanceof Error ? (error.stack ?? error.message) : String(error)
    })
    this.#died = new Promise((resolve) => {
      this.#worker.once("exit", (code) => {
        this.#isUsable = false
        this.#ended = failure ?? `It ended by itself, with exit code ${code}`
        this.#settle?.({ kind: "died", how: this.#ended })
        resolve()
      })
    })
  }

  /** Whether it can run another invocation. */
  get isUsable(): boolean {
    return this.#isUsable
  }

  /** Resolves when the thread has ended, by itself or not. */
  get died(): Promise<void> {
    return this.#died
  }

  /** Runs one invocation. The thread is ended when that is not answered in time. @throws when `signal` is aborted */
  async invoke(invoke: Invoke, signal: AbortSignal): Promise<Invocation> {
    const over = linkedTo(signal)
    try {
      // Not by Promise.race: what lives as long as the thread would keep every answer.
      const outcome = await new Promise<Outcome>((resolve) => {
        this.#settle = resolve
        if (this.#ended !== undefined) resolve({ kind: "died", how: this.#ended })
        this.#port.postMessage(invoke)
        void this.#clock.sleep(invoke.timeoutMs, over.signal).then(() => resolve({ kind: "late" }))
      })
      signal.throwIfAborted()
      return this.#invocationOf(outcome, invoke.timeoutMs)
    } finally {
      this.#settle = undefined
      over.abort()
      over.letGo()
      if (signal.aborted) this.end()
    }
  }

  /** Ends it at once, whatever it does. */
  end(): void {
    this.#isUsable = false
    void this.#worker.terminate()
  }

  #invocationOf(outcome: Outcome, timeoutMs: number): Invocation {
    switch (outcome.kind) {
      case "returned":
        return { kind: "returned", payload: outcome.payload }
      case "tooLarge":
        return tooLarge(`It returned ${outcome.sizeBytes} bytes, and it may return ${answerBytesMax}`)
      case "threw":
        if (outcome.isUnusable) this.end()
        return failed("Lambda.FunctionError", outcome.error)
      case "died":
        return failed("Lambda.FunctionError", outcome.how)
      case "late":
        this.end()
        return failed("Lambda.FunctionTimedOut", `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`)
    }
  }
}

import { Worker } from "node:worker_threads"
import type { Clock } from "../../platform/index.ts"
import { failed, tooLarge } from "../failures.ts"
import type { Invocation } from "../functions.ts"
import { answerBytesMax } from "../functions.ts"
import { tellConsole } from "./console-lines.ts"
import type { Ended, Invoke, ThreadSettings } from "./messages.ts"

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
  /** Resolves with how it ended. */
  readonly #died: Promise<string>
  #isUsable = true

  constructor({ clock, settings, environment, onLine }: FunctionThreadOptions) {
    this.#clock = clock
    this.#worker = new Worker(program, {
      name: "function",
      workerData: settings,
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
    tellConsole([this.#worker.stdout, this.#worker.stderr], { clock, tell: onLine })
    let failure: string | undefined
    this.#worker.on("error", (error: unknown) => {
      failure ??= error instanceof Error ? (error.stack ?? error.message) : String(error)
    })
    this.#died = new Promise((resolve) => {
      this.#worker.once("exit", (code) => {
        this.#isUsable = false
        resolve(failure ?? `It ended by itself, with exit code ${code}`)
      })
    })
  }

  /** Whether it can run another invocation. */
  get isUsable(): boolean {
    return this.#isUsable
  }

  /** Resolves when the thread has ended, by itself or not, with how. */
  get died(): Promise<string> {
    return this.#died
  }

  /** Runs one invocation. The thread is ended when that is not answered in time. @throws when `signal` is aborted */
  async invoke(invoke: Invoke, signal: AbortSignal): Promise<Invocation> {
    const over = new AbortController()
    const isOver = AbortSignal.any([over.signal, signal])
    try {
      const outcome = await Promise.race([
        this.#answerTo(invoke, isOver),
        this.#died.then((how) => ({ kind: "died", how }) as const),
        this.#clock.sleep(invoke.timeoutMs, isOver).then(() => ({ kind: "late" }) as const),
      ])
      signal.throwIfAborted()
      return this.#invocationOf(outcome, invoke.timeoutMs)
    } finally {
      over.abort()
      if (signal.aborted) this.end()
    }
  }

  /** Ends it at once, whatever it does. */
  end(): void {
    this.#isUsable = false
    void this.#worker.terminate()
  }

  #answerTo(invoke: Invoke, signal: AbortSignal): Promise<Ended> {
    return new Promise((resolve) => {
      this.#worker.once("message", resolve)
      signal.addEventListener("abort", () => this.#worker.off("message", resolve), { once: true })
      this.#worker.postMessage(invoke)
    })
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

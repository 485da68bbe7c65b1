import { type ChildProcess, fork } from "node:child_process"
import { Socket } from "node:net"
import { fileURLToPath } from "node:url"
import type { Clock } from "../../platform/index.ts"
import { failed, tooLarge } from "../failures.ts"
import { answerBytesMax, type FailedInvocation, type Invocation } from "../functions.ts"
import { linkedTo } from "../linked-abort.ts"
import { tellConsole } from "./console-lines.ts"
import type { Ended, Invoke } from "./messages.ts"

export interface FunctionProcessOptions {
  readonly clock: Clock
  /** URL of the module. */
  readonly module: string
  /** Bytes that its objects may take. See also function-watch.ts. */
  readonly memoryBytesMax: number
  /** Added to the server's own variables, in a copy of them. */
  readonly environment: Readonly<Record<string, string>>
  /** What it wrote to its console. */
  readonly onLine: (line: string) => void
}

const program = fileURLToPath(new URL("./function-program.js", import.meta.url))
const mebibyte = 1024 * 1024

/** How one invocation came out, or the process itself. */
type Outcome = Ended | FailedInvocation | { readonly kind: "late" }

/** One process of a function, which runs one invocation at a time. Whatever the function does ends this process at most. */
export class FunctionProcess {
  readonly #clock: Clock
  readonly #child: ChildProcess
  readonly #died: Promise<void>
  /** How it ended, once it has. */
  #ended: FailedInvocation | undefined
  /** Ends the invocation that is under way. */
  #settle: ((outcome: Outcome) => void) | undefined
  #isUsable = true

  /** @throws Error when the system refuses to start a process; other reasons are told by the first invocation */
  constructor({ clock, module, memoryBytesMax, environment, onLine }: FunctionProcessOptions) {
    this.#clock = clock
    this.#child = fork(program, [module, String(memoryBytesMax)], {
      // What concerns the server's own start is not the function's.
      execArgv: [`--max-old-space-size=${Math.floor(memoryBytesMax / mebibyte)}`],
      env: { ...process.env, ...environment },
      serialization: "advanced",
      // The last one carries nothing: when this end of it is gone, so is the server, as function-watch.ts sees.
      stdio: ["ignore", "pipe", "pipe", "ipc", "pipe"],
    })
    letGoOf(this.#child)
    this.#child.on("message", (ended: Ended) => this.#take(ended))
    // What can't answer any more is of no use, though it may live on.
    this.#child.once("disconnect", () => this.end())
    const { stdout, stderr } = this.#child
    // Without descriptors there are none, whatever their types say.
    if (stdout && stderr) tellConsole([stdout, stderr], { clock, tell: onLine })
    this.#died = new Promise((resolve) => {
      const die = (how: FailedInvocation) => {
        this.#isUsable = false
        this.#ended = how
        this.#settle?.(how)
        resolve()
      }
      this.#child.on("error", (error) => {
        // Of one that runs, it is told by its end.
        if (this.#child.pid === undefined) die(failed("Lambda.ServiceUnavailable", cannotStart(error)))
      })
      this.#child.once("exit", (code, signal) => die(failed("Lambda.FunctionError", endOf(code, signal))))
    })
  }

  /** Whether it can run another invocation. */
  get isUsable(): boolean {
    return this.#isUsable
  }

  /** Resolves when the process has ended, by itself or not. */
  get died(): Promise<void> {
    return this.#died
  }

  /** Runs one invocation. The process is ended when that is not answered in time. @throws when `signal` is aborted */
  async invoke(invoke: Invoke, signal: AbortSignal): Promise<Invocation> {
    const over = linkedTo(signal)
    try {
      // Not by Promise.race: what lives as long as the process would keep every answer.
      const outcome = await new Promise<Outcome>((resolve) => {
        this.#settle = resolve
        if (this.#ended !== undefined) resolve(this.#ended)
        // What can't be sent is for a process that ends, which settles it.
        if (this.#child.connected) this.#child.send(invoke, () => {})
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
    this.#child.kill("SIGKILL")
  }

  #take(ended: Ended) {
    // Also between two invocations.
    if (ended.kind === "threw" && ended.isUnusable) this.end()
    this.#settle?.(ended)
  }

  #invocationOf(outcome: Outcome, timeoutMs: number): Invocation {
    switch (outcome.kind) {
      case "returned":
        return { kind: "returned", payload: outcome.payload }
      case "tooLarge":
        return tooLarge(`It returned ${outcome.sizeBytes} bytes, and it may return ${answerBytesMax}`)
      case "threw":
        return failed("Lambda.FunctionError", outcome.error)
      case "failed":
        return outcome
      case "late":
        this.end()
        return failed("Lambda.FunctionTimedOut", `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`)
    }
  }
}

export function cannotStart(error: unknown): string {
  return `A process for it can't be started: ${error instanceof Error ? error.message : String(error)}`
}

/** The end of the server does not wait for it, nor for processes that it started and that have its console. */
function letGoOf(child: ChildProcess): void {
  child.unref()
  child.channel?.unref()
  for (const stream of child.stdio ?? []) if (stream instanceof Socket) stream.unref()
}

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === null) return `Its process ended by itself, with exit code ${code}`
  return `Its process was ended by the signal ${signal}. What it wrote last, in this log, may say why`
}

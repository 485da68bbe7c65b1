import { stat } from "node:fs/promises"
import path from "node:path"
import { pathToFileURL } from "node:url"
import type { Logger } from "../../observe/index.ts"
import type { Clock, Random } from "../../platform/index.ts"
import { failed } from "../failures.ts"
import { readFunctionArn } from "../function-arn.ts"
import type { FunctionTarget } from "../function-target.ts"
import type { Invocation } from "../functions.ts"
import { linkedTo } from "../linked-abort.ts"
import { FunctionThread } from "./function-thread.ts"

export interface LocalFunctionOptions {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Pick<Logger, "info" | "warn">
  /** A handler that takes longer is ended, and its thread with it. */
  readonly timeoutMs: number
  readonly memoryBytesMax: number
}

/** As many invocations as a partition has under way: spec/processing.md, section 3. More wait. */
const threadsMax = 5
/** A thread without work for so long is ended. */
const idleMsMax = 60_000
/** A thread that does not end, since it waits in a system call, is not waited for any longer. */
const closeMsMax = 1000

interface IdleThread {
  readonly thread: FunctionThread
  readonly timer: NodeJS.Timeout
}

/**
 * A module on this machine as a function: `handler(event, context)`, as Lambda's runtime for Node calls it. It runs in threads
 * that are started when there is work. When the file of the module changes, it is read anew.
 */
export class LocalFunction implements FunctionTarget {
  readonly #file: string
  readonly #options: LocalFunctionOptions
  /** Which content of the file they have loaded. */
  #version = ""
  /** Those without work, the one that worked last at the end. */
  #idle: IdleThread[] = []
  readonly #alive = new Set<FunctionThread>()
  #running = 0
  readonly #waiting: (() => void)[] = []
  readonly #closed = new AbortController()

  constructor(file: string, options: LocalFunctionOptions) {
    this.#file = path.resolve(file)
    this.#options = options
  }

  async invoke(arn: string, payload: Uint8Array, signal: AbortSignal): Promise<Invocation> {
    const ending = linkedTo(signal, this.#closed.signal)
    try {
      await this.#turn(ending.signal)
      try {
        return await this.#run(arn, payload, ending.signal)
      } finally {
        this.#running--
        this.#waiting.shift()?.()
      }
    } catch (error) {
      signal.throwIfAborted()
      if (this.#closed.signal.aborted) return failed("Lambda.ServiceUnavailable", "The server is being stopped")
      throw error
    } finally {
      ending.letGo()
    }
  }

  async close() {
    this.#closed.abort()
    const ending = [...this.#alive].map(({ died }) => died)
    for (const { timer } of this.#idle) clearTimeout(timer)
    this.#idle = []
    for (const thread of this.#alive) thread.end()
    const over = new AbortController()
    await Promise.race([Promise.all(ending), this.#options.clock.sleep(closeMsMax, over.signal)])
    over.abort()
  }

  /** Waits until fewer than `threadsMax` run. Whoever got a turn gives it back. @throws when `signal` is aborted */
  async #turn(signal: AbortSignal): Promise<void> {
    while (this.#running >= threadsMax) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        signal.addEventListener("abort", () => resolve(), { once: true })
      })
      signal.throwIfAborted()
    }
    signal.throwIfAborted()
    this.#running++
  }

  async #run(arn: string, payload: Uint8Array, signal: AbortSignal): Promise<Invocation> {
    const version = await this.#look()
    if (version === undefined) {
      return failed("Lambda.ResourceNotFound", `There is no module "${this.#file}" for the function ${arn}`)
    }
    const name = readFunctionArn(arn)
    const functionName = name?.name ?? arn
    const functionVersion = name?.qualifier ?? "$LATEST"
    const thread = this.#take() ?? this.#start(arn, { functionName, functionVersion })
    const context = {
      functionName,
      functionVersion,
      invokedFunctionArn: arn,
      awsRequestId: this.#options.random.uuid(),
    }
    const invocation = await thread.invoke({ context, payload, timeoutMs: this.#options.timeoutMs }, signal)
    this.#putBack(thread, version)
    return invocation
  }

  /** Which content the file has now, undefined when it can't be read. Threads that have another one are ended. */
  async #look(): Promise<string | undefined> {
    const found = await stat(this.#file).catch(() => undefined)
    const version = found?.isFile() ? `${found.mtimeMs}-${found.size}` : undefined
    if (version !== undefined && version !== this.#version) {
      this.#version = version
      for (const { thread, timer } of this.#idle.splice(0)) {
        clearTimeout(timer)
        thread.end()
      }
    }
    return version
  }

  #take(): FunctionThread | undefined {
    for (;;) {
      const idle = this.#idle.pop()
      if (idle === undefined) return undefined
      clearTimeout(idle.timer)
      if (idle.thread.isUsable) return idle.thread
    }
  }

  #start(arn: string, { functionName, functionVersion }: { functionName: string; functionVersion: string }) {
    const { clock, logger, memoryBytesMax } = this.#options
    const thread = new FunctionThread({
      clock,
      settings: { module: pathToFileURL(this.#file).href, memoryBytesMax },
      environment: { AWS_LAMBDA_FUNCTION_NAME: functionName, AWS_LAMBDA_FUNCTION_VERSION: functionVersion },
      onLine: (line) => logger.info({ function: arn }, line),
    })
    this.#alive.add(thread)
    void thread.died.then(() => this.#alive.delete(thread))
    return thread
  }

  /** What it is not needed for any more: ends it, unless it can be used again. */
  #putBack(thread: FunctionThread, version: string) {
    if (!thread.isUsable) return
    if (version !== this.#version || this.#closed.signal.aborted) return thread.end()
    const timer = setTimeout(() => {
      this.#idle = this.#idle.filter((idle) => idle.thread !== thread)
      thread.end()
    }, idleMsMax)
    timer.unref()
    this.#idle.push({ thread, timer })
  }
}

import { stat } from "node:fs/promises"
import path from "node:path"
import { pathToFileURL } from "node:url"
import type { Logger } from "../../observe/index.ts"
import type { Clock, Random } from "../../platform/index.ts"
import { failed } from "../failures.ts"
import { readFunctionArn } from "../function-arn.ts"
import type { FunctionTarget } from "../function-target.ts"
import type { FailedInvocation, Invocation } from "../functions.ts"
import { linkedTo } from "../linked-abort.ts"
import { cannotStart, FunctionProcess } from "./function-process.ts"

export interface LocalFunctionOptions {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Pick<Logger, "info" | "warn">
  /** A handler that takes longer is ended, and its process with it. */
  readonly timeoutMs: number
  readonly memoryBytesMax: number
}

/** As many invocations as a partition has under way: spec/processing.md, section 3. More wait. */
const processesMax = 5
/** A process without work for so long is ended. */
const idleMsMax = 60_000
/** A process that does not end, since it waits for a device, is not waited for any longer. */
const closeMsMax = 1000

interface IdleProcess {
  readonly process: FunctionProcess
  readonly timer: NodeJS.Timeout
}

/**
 * A module on this machine as a function: `handler(event, context)`, as Lambda's runtime for Node calls it. It runs in processes
 * that are started when there is work. When the file of the module changes, it is read anew.
 */
export class LocalFunction implements FunctionTarget {
  readonly #file: string
  readonly #options: LocalFunctionOptions
  /** Which content of the file they have loaded. */
  #version = ""
  /** Those without work, the one that worked last at the end. */
  #idle: IdleProcess[] = []
  readonly #alive = new Set<FunctionProcess>()
  #running = 0
  /** Who waits for a turn, by what gives it to them. */
  readonly #waiting = new Set<() => void>()
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
        ending.signal.throwIfAborted()
        return await this.#run(arn, payload, ending.signal)
      } finally {
        this.#giveBack()
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
    for (const process of this.#alive) process.end()
    const over = new AbortController()
    await Promise.race([Promise.all(ending), this.#options.clock.sleep(closeMsMax, over.signal)])
    over.abort()
  }

  /** Waits until fewer than `processesMax` run. Whoever got a turn gives it back. @throws when `signal` is aborted */
  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#running < processesMax) {
      this.#running++
      return
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(take)
        reject(signal.reason)
      }
      const take = () => {
        signal.removeEventListener("abort", leave)
        resolve()
      }
      this.#waiting.add(take)
      signal.addEventListener("abort", leave, { once: true })
    })
  }

  /** To the one that has waited longest, if any. */
  #giveBack() {
    const [take] = this.#waiting
    if (take === undefined) {
      this.#running--
      return
    }
    this.#waiting.delete(take)
    take()
  }

  async #run(arn: string, payload: Uint8Array, signal: AbortSignal): Promise<Invocation> {
    const version = await this.#look()
    if (version === undefined) {
      return failed("Lambda.ResourceNotFound", `There is no module "${this.#file}" for the function ${arn}`)
    }
    const name = readFunctionArn(arn)
    const functionName = name?.name ?? arn
    const functionVersion = name?.qualifier ?? "$LATEST"
    const process = this.#take() ?? this.#start(arn, { functionName, functionVersion })
    if (!(process instanceof FunctionProcess)) return process
    const context = {
      functionName,
      functionVersion,
      invokedFunctionArn: arn,
      awsRequestId: this.#options.random.uuid(),
    }
    const invocation = await process.invoke({ context, payload, timeoutMs: this.#options.timeoutMs }, signal)
    this.#putBack(process, version)
    return invocation
  }

  /** Which content the file has now, undefined when it can't be read. Processes that have another one are ended. */
  async #look(): Promise<string | undefined> {
    const found = await stat(this.#file).catch(() => undefined)
    const version = found?.isFile() ? `${found.mtimeMs}-${found.size}` : undefined
    if (version !== undefined && version !== this.#version) {
      this.#version = version
      for (const { process, timer } of this.#idle.splice(0)) {
        clearTimeout(timer)
        process.end()
      }
    }
    return version
  }

  #take(): FunctionProcess | undefined {
    for (;;) {
      const idle = this.#idle.pop()
      if (idle === undefined) return undefined
      clearTimeout(idle.timer)
      if (idle.process.isUsable) return idle.process
    }
  }

  #start(
    arn: string,
    { functionName, functionVersion }: { functionName: string; functionVersion: string },
  ): FunctionProcess | FailedInvocation {
    const { clock, logger, memoryBytesMax } = this.#options
    let process: FunctionProcess
    try {
      process = new FunctionProcess({
        clock,
        module: pathToFileURL(this.#file).href,
        memoryBytesMax,
        environment: { AWS_LAMBDA_FUNCTION_NAME: functionName, AWS_LAMBDA_FUNCTION_VERSION: functionVersion },
        onLine: (line) => logger.info({ function: arn }, line),
      })
    } catch (error) {
      return failed("Lambda.ServiceUnavailable", cannotStart(error))
    }
    this.#alive.add(process)
    void process.died.then(() => this.#alive.delete(process))
    return process
  }

  /** What it is not needed for any more: ends it, unless it can be used again. */
  #putBack(process: FunctionProcess, version: string) {
    if (!process.isUsable) return
    if (version !== this.#version || this.#closed.signal.aborted) return process.end()
    const timer = setTimeout(() => {
      this.#idle = this.#idle.filter((idle) => idle.process !== process)
      process.end()
    }, idleMsMax)
    timer.unref()
    this.#idle.push({ process, timer })
  }
}

import type { Piscina } from "piscina"
import { handedOver, type Work, type Workers } from "./workers.ts"

export interface WorkerThreadsOptions {
  /** At least 1. */
  readonly threadsMax: number
  /** Told of a thread that came to an end by itself. */
  readonly onFailure: (error: unknown) => void
}

/** A thread beyond the first that had nothing to do for so long is ended. */
const idleMsMax = 30_000

/**
 * A pool of threads. They run at a lower priority than the rest of the process where the system knows that of threads
 * (Linux), so that requests are answered before objects are made. None is started before there is work.
 */
export function createWorkerThreads({ threadsMax, onFailure }: WorkerThreadsOptions): Workers {
  // Nobody waits for it while the server starts. Not when it is first needed: Node remembers for good that a module could
  // not be read, and then a disk may be failing, or have no descriptor left.
  const loading = import("piscina")
  // Told to whoever needs it.
  loading.catch(() => {})
  let pool: Promise<Piscina> | undefined
  let isClosed = false

  async function start() {
    const { Piscina } = await loading
    const started = new Piscina({
      filename: new URL("thread.js", import.meta.url).href,
      // Work that waits while the last thread dies would find nobody else.
      minThreads: 1,
      maxThreads: threadsMax,
      idleTimeout: idleMsMax,
    })
    started.on("error", onFailure)
    return started
  }

  return {
    async run<Input, Output extends object>({ module, name }: Work<Input, Output>, input: Input): Promise<Output> {
      if (isClosed) throw new Error("The worker threads have ended")
      pool ??= start()
      return (await pool).run({ module, name, input }, { transferList: handedOver(input) })
    },
    async close() {
      isClosed = true
      await (await pool)?.destroy()
    },
  }
}

import { ThreadLane } from "./thread-lane.ts"
import { WorkerThread } from "./worker-thread.ts"
import type { Workers } from "./workers.ts"

export interface WorkerThreadsOptions {
  /** At least 1. */
  readonly threadsMax: number
  /** Told of a thread that came to an end by itself. */
  readonly onFailure: (error: unknown) => void
}

const idleMsMax = 30_000

/**
 * A pool of threads. They run at a lower priority than the rest of the process where the system knows that of threads
 * (Linux), so that requests are answered before objects are made. None is started before there is work.
 */
export function createWorkerThreads({ threadsMax, onFailure }: WorkerThreadsOptions): Workers {
  const closedMessage = "The worker threads have ended"
  const lane = new ThreadLane({ start: () => new WorkerThread(onFailure), threadsMax, idleMsMax, closedMessage })
  return {
    run: (work, input) => lane.run((thread) => thread.run(work, input)),
    close: () => lane.close(),
  }
}

/** Work that would hold up requests, on threads of its own. */
export { ThreadLane } from "./thread-lane.ts"
export { createWorkerThreads } from "./worker-threads.ts"
export { hereAndNow, type Work, type Workers } from "./workers.ts"

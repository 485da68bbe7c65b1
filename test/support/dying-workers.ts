/**
 * Preloaded into a server's threads: one that deflates while an object is half written finds the file `die-by` in the server's folder,
 * removes it, and dies in the way that it says.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { syncBuiltinESMExports } from "node:module"
import path from "node:path"
import { BroadcastChannel, threadId, type Worker } from "node:worker_threads"
import zlib from "node:zlib"

const dieBy = "die-by"
const incoming = path.join("data", "buckets", ".incoming~")
const { deflateRawSync } = zlib

Object.assign(zlib, {
  deflateRawSync(...given: Parameters<typeof deflateRawSync>) {
    if (existsSync(dieBy) && isHalfWritten()) {
      const way = readFileSync(dieBy, "utf8")
      rmSync(dieBy)
      die(way)
    }
    return deflateRawSync(...given)
  },
})
syncBuiltinESMExports()

// A thread is terminated by the one that started it, which is told by its id. Not on the way by which threads answer: that is tested.
const started: Worker[] = []
process.on("worker", (worker: Worker) => void started.push(worker))
const toTerminate = new BroadcastChannel("threads to terminate")
toTerminate.onmessage = (message) => {
  void started.find((worker) => worker.threadId === message.data)?.terminate()
}
toTerminate.unref()

function isHalfWritten(): boolean {
  return readdirSync(incoming).some((name) => statSync(path.join(incoming, name)).size > 0)
}

function die(way: string): never {
  switch (way) {
    case "heap":
      for (let all = {}; ; all = { all });
    case "exit":
      return process.exit(3)
    case "terminate":
      toTerminate.postMessage(threadId)
      for (;;);
    default:
      throw new Error(`Nobody dies by ${JSON.stringify(way)}`)
  }
}

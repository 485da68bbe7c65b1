import { Worker } from "node:worker_threads"
import type { Companion } from "../calls/index.ts"

/** The program of the delivery thread. */
const program = new URL("../delivery-thread.js", import.meta.url)

/** Starts a delivery thread, which has nothing to do yet. */
export function spawnDeliveryThread(): Companion {
  const thread = new Worker(program, { name: "delivery" })
  let failure: string | undefined
  thread.once("error", (error) => {
    failure = error.stack ?? String(error)
  })
  const ended = new Promise<string>((resolve) => {
    // By then nothing that the thread began touches the disk any more: Node waits for that.
    thread.once("exit", (code) => resolve(failure ?? `exit code ${code}`))
  })
  return {
    send: (message) => thread.postMessage(message),
    onMessage: (listener) => void thread.on("message", listener),
    onClose: (listener) => void ended.then(listener),
    kill: () => void thread.terminate(),
    ended,
  }
}

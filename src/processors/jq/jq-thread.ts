/** The program of a thread that runs jq: one task at a time, in the order in which they come. */
import os from "node:os"
import { parentPort, workerData } from "node:worker_threads"
import { loadJqProgram } from "./jq-program.ts"
import { type JqAnswer, type JqTask, type JqThreadData, progressSlots } from "./jq-thread-messages.ts"

const port = parentPort
if (port === null) throw new Error("This program is a thread's: jq-threads.ts starts it")
const { progress }: JqThreadData = workerData

/** Requests come before what is made of them. Elsewhere it would be the priority of the whole process. */
if (process.platform === "linux") os.setPriority(0, os.constants.priority.PRIORITY_BELOW_NORMAL)

const loading = loadJqProgram(() => Atomics.add(progress, progressSlots.recordsDone, 1))
const answer = (message: JqAnswer) => port.postMessage(message)

port.on("message", ({ query, inputs }: JqTask) => {
  run(query, inputs).then(
    (done) => answer({ kind: "done", run: done }),
    (error: unknown) => answer({ kind: "failed", message: error instanceof Error ? error.message : String(error) }),
  )
})

async function run(query: string, inputs: readonly string[]) {
  const program = await loading
  Atomics.store(progress, progressSlots.recordsDone, 0)
  Atomics.store(progress, progressSlots.isRunning, 1)
  return program.run(query, inputs).finally(() => Atomics.store(progress, progressSlots.isRunning, 0))
}

/** The program of a thread that does work, one piece at a time: it finds each by its module and name. */
import os from "node:os"
import { parentPort } from "node:worker_threads"
import type { WorkAnswer, WorkTask } from "./thread-messages.ts"
import { handedOver, type Work } from "./workers.ts"

/** Elsewhere it would be the priority of the whole process. */
if (process.platform === "linux") os.setPriority(0, os.constants.priority.PRIORITY_BELOW_NORMAL)

const port = parentPort
if (port === null) throw new Error("This program is a thread's: worker-thread.ts starts it")

// What goes wrong outside of the work itself ends the thread by that: one that could not read a module, say, never can, since Node
// remembers it, and the next one tries anew.
port.on("messageerror", (error) => {
  throw error
})
port.on("message", async ({ module, name, input }: WorkTask<unknown>) => {
  const exported: Record<string, Work<unknown, object>> = await import(module)
  const work = exported[name]
  if (work === undefined) throw new Error(`"${module}" exports no work called "${name}"`)
  const answer = answerOf(work, input)
  port.postMessage(answer, answer.kind === "done" ? handedOver(answer.output) : [])
})

function answerOf(work: Work<unknown, object>, input: unknown): WorkAnswer<object> {
  try {
    return { kind: "done", output: work.run(input) }
  } catch (error) {
    return { kind: "threw", error }
  }
}

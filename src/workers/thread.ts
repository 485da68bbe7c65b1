/** What a thread of the pool runs: it finds the work by its module and name, and does it. */
import os from "node:os"
import { move, transferableSymbol, valueSymbol } from "piscina"
import { handedOver, type Work } from "./workers.ts"

interface Asked {
  readonly module: string
  readonly name: string
  readonly input: unknown
}

/** Elsewhere it would be the priority of the whole process. */
if (process.platform === "linux") os.setPriority(0, os.constants.priority.PRIORITY_BELOW_NORMAL)

export default async function run({ module, name, input }: Asked): Promise<unknown> {
  const exported = await load(module)
  const work = exported[name]
  if (work === undefined) throw new Error(`"${module}" exports no work called "${name}"`)
  const output = work.run(input)
  return move({
    [transferableSymbol]: handedOver(output),
    [valueSymbol]: output,
  })
}

/** A thread that could not read a module never can, since Node remembers that: it ends by the failure, and the next one tries anew. */
async function load(module: string): Promise<Record<string, Work<unknown, object>>> {
  try {
    return await import(module)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
    return new Promise(() => {})
  }
}

/** A thread of the simulator: runs a scenario under its share of the seeds, and tells what came of each. */
import { inspect } from "node:util"
import { parentPort, workerData } from "node:worker_threads"
import type { Run } from "./scenario.ts"
import { scenarios } from "./scenarios.ts"

/** Every `step`-th seed from `first` on, before `end`. */
export interface SeedRange {
  readonly scenario: string
  readonly first: number
  readonly end: number
  readonly step: number
  /** Whether each event is printed. */
  readonly trace: boolean
}

export interface SeedOutcome {
  readonly seed: number
  readonly outcome:
    | { readonly kind: "kept"; readonly facts: Run["facts"] }
    | { readonly kind: "failed"; readonly reason: string }
}

const range: SeedRange = workerData
for (let seed = range.first; seed < range.end; seed += range.step) {
  parentPort?.postMessage({ seed, outcome: await outcomeOf(seed) } satisfies SeedOutcome)
}

async function outcomeOf(seed: number): Promise<SeedOutcome["outcome"]> {
  const scenario = scenarios.find(({ name }) => name === range.scenario)
  if (scenario === undefined) throw new Error(`There is no scenario "${range.scenario}"`)
  try {
    const { facts } = await scenario.run(seed, range.trace ? (event) => console.log(event) : undefined)
    return { kind: "kept", facts }
  } catch (error) {
    return { kind: "failed", reason: inspect(error) }
  }
}

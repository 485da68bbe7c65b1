/**
 * Runs the simulator: `npm run simulate -- --seeds 1000`. Each seed decides a world of clock, disk and store with all
 * that goes wrong in it, and the promises of the program are held against what happened (test/simulation/). A thread for
 * each core takes every so many-th seed.
 */
import { once } from "node:events"
import { availableParallelism } from "node:os"
import { parseArgs } from "node:util"
import { Worker } from "node:worker_threads"
import { repeatCommand } from "./simulation/scenario.ts"
import { scenarios } from "./simulation/scenarios.ts"
import type { SeedOutcome, SeedRange } from "./simulation/seed-worker.ts"

const progressEveryMs = 2000
/** A run that fails this often has told enough. */
const failuresMax = 10

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    first: { type: "string", default: "1" },
    threads: { type: "string", default: `${availableParallelism()}` },
    scenario: { type: "string" },
    trace: { type: "boolean", default: false },
  },
})
const wanted = scenarios.filter(({ name }) => values.scenario === undefined || values.scenario === name)
if (wanted.length === 0) {
  console.error(`There is no scenario "${values.scenario}": ${scenarios.map(({ name }) => name).join(", ")} are there`)
  process.exit(2)
}
const beganMs = performance.now()
const summary: string[] = []
const repeats: string[] = []
for (const { name, seedsMax = Number.POSITIVE_INFINITY } of wanted) {
  const failed = await runSeeds(name, Number(values.first), Math.min(Number(values.seeds), seedsMax))
  repeats.push(...failed.map((seed) => repeatCommand(name, seed)))
}
console.log(["", ...summary].join("\n"))
const minutes = ((performance.now() - beganMs) / 60_000).toFixed(1)
if (repeats.length === 0) console.log(`Every promise was kept, in ${minutes} minutes`)
else console.error(["Promises were broken. Repeat it, and see each event, with:", ...repeats].join("\n  "))
process.exit(repeats.length === 0 ? 0 : 1)

/** Answers which seeds failed. */
async function runSeeds(scenario: string, first: number, count: number): Promise<number[]> {
  const totals = new Map<string, number>()
  const startedMs = performance.now()
  let toldMs = startedMs
  let done = 0
  const failed: number[] = []
  const minutes = () => (performance.now() - startedMs) / 60_000
  const note = ({ seed, outcome }: SeedOutcome) => {
    done++
    if (outcome.kind === "failed") {
      failed.push(seed)
      console.error(`${scenario}: seed ${seed} fails; repeat it with: ${repeatCommand(scenario, seed)}`)
      console.error(outcome.reason)
    } else
      for (const [fact, number] of Object.entries(outcome.facts)) totals.set(fact, (totals.get(fact) ?? 0) + number)
    if (performance.now() - toldMs < progressEveryMs) return
    toldMs = performance.now()
    const leftMinutes = (minutes() / done) * (count - done)
    console.log(
      `${scenario}: ${done} of ${count} seeds, ${failed.length} failed; ${leftMinutes.toFixed(1)} minutes to go`,
    )
  }
  const threads = Math.min(Number(values.threads), count)
  await Promise.all(
    Array.from({ length: threads }, async (_, index) => {
      const range: SeedRange = {
        scenario,
        first: first + index,
        end: first + count,
        step: threads,
        trace: values.trace,
      }
      const worker = new Worker(new URL("./simulation/seed-worker.js", import.meta.url), { workerData: range })
      worker.on("message", (outcome: SeedOutcome) => {
        note(outcome)
        if (failed.length >= failuresMax) void worker.terminate()
      })
      await once(worker, "exit")
    }),
  )
  const facts = [...totals].map(([fact, number]) => `${fact} ${number}`).join(", ")
  const perMinute = Math.round(done / minutes())
  const line = `${scenario}: ${done} seeds, ${failed.length} failed; ${facts}; ${perMinute} seeds a minute`
  console.log(line)
  summary.push(line)
  return failed
}

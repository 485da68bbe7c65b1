/**
 * Runs the simulator: `npm run simulate -- --seeds 1000`. Each seed decides a world of clock, disk and store with all
 * that goes wrong in it, and the promises of the program are held against what happened (test/simulation/).
 */
import { parseArgs } from "node:util"
import { repeatCommand, type Scenario } from "./simulation/scenario.ts"
import { scenarios } from "./simulation/scenarios.ts"

const progressEveryMs = 2000
/** A run that fails this often has told enough. */
const failuresMax = 10

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    first: { type: "string", default: "1" },
    scenario: { type: "string" },
    trace: { type: "boolean", default: false },
  },
})
const wanted = scenarios.filter(({ name }) => values.scenario === undefined || values.scenario === name)
if (wanted.length === 0) {
  console.error(`There is no scenario "${values.scenario}": ${scenarios.map(({ name }) => name).join(", ")} are there`)
  process.exit(2)
}
let failures = 0
for (const scenario of wanted) failures += await runSeeds(scenario, Number(values.first), Number(values.seeds))
process.exit(failures === 0 ? 0 : 1)

/** Answers how many seeds failed. */
async function runSeeds({ name, run }: Scenario, first: number, count: number): Promise<number> {
  const totals = new Map<string, number>()
  let failed = 0
  let toldMs = performance.now()
  let seed = first
  for (; seed < first + count && failed < failuresMax; seed++) {
    try {
      const { facts } = values.trace ? await run(seed, (event) => console.log(event)) : await run(seed)
      for (const [fact, number] of Object.entries(facts)) totals.set(fact, (totals.get(fact) ?? 0) + number)
    } catch (error) {
      failed++
      console.error(`${name}: seed ${seed} fails; repeat it with: ${repeatCommand(name, seed)}`)
      console.error(error)
    }
    if (performance.now() - toldMs > progressEveryMs) {
      toldMs = performance.now()
      console.log(`${name}: ${seed - first + 1} of ${count} seeds`)
    }
  }
  const facts = [...totals].map(([fact, number]) => `${fact} ${number}`).join(", ")
  console.log(`${name}: ${seed - first} seeds, ${failed} failed; ${facts}`)
  return failed
}

import assert from "node:assert/strict"
import { type CrashKind, createSimulatedRandom, Life, SimulatedDisk } from "../../src/platform/simulated/index.ts"
import type { Run } from "./scenario.ts"
import { Trace } from "./trace.ts"

/** Something that lives on a disk, and what it is held against. */
export interface Workload<Ledger> {
  newLedger(): Ledger
  /** How much the ledger knows to be there. */
  promisedCount(ledger: Ledger): number
  /**
   * Opens what is on the disk as a new life does, checks it, and then uses it in every way. Always the same.
   * `onRecovered` is called when it works again: once it has taken its first change.
   */
  work(disk: SimulatedDisk, life: Life, ledger: Ledger, onRecovered: () => void): Promise<void>
}

const moments = ["before", "after"] as const
const kinds = ["power", "process"] as const satisfies CrashKind[]
const crashes = moments.flatMap((moment) => kinds.map((kind) => ({ moment, kind })))

/** As many seeds as a run of the tests tries: each operation of the first life, once. */
export const seedsForEachOperation = 110
/** As many seeds as try each operation of the first life in each way that two crashes can go. */
export const seedsForEachWay = seedsForEachOperation * crashes.length ** 2

/**
 * A crash at one operation of a first life, and then, in one world after the other, a second crash at each operation of the
 * recovery from it; what the third life finds must be whole. As many seeds as the first life has operations crash it at each
 * of them; sixteen times as many, in each way that two crashes can go.
 */
export async function runRecoveryCrashes<Ledger>(
  workload: Workload<Ledger>,
  seed: number,
  onEvent: (event: string) => void = () => undefined,
): Promise<Run> {
  const operationCount = await countOperations(workload)
  assert(operationCount > 30 && operationCount <= seedsForEachOperation, `${operationCount} operations`)
  const number = 1 + ((seed - 1) % operationCount)
  const way = (number + Math.floor((seed - 1) / operationCount)) % crashes.length ** 2
  const first = crashes[way % crashes.length]
  const second = crashes[Math.floor(way / crashes.length)]
  assert(first !== undefined && second !== undefined)

  const trace = new Trace(onEvent)
  let promised = 0
  let recoveryCrashes = 0
  for (let after = 1; ; after++) {
    const disk = new SimulatedDisk({
      random: createSimulatedRandom(seed * 1000 + after),
      observe: ({ number, kind, path }) => trace.add(number, `${kind} ${path}`),
    })
    const ledger = workload.newLedger()
    disk.crashAt(first.moment, number, first.kind)
    trace.add(after, `${first.kind} fails ${first.moment} operation ${number}`)
    assert((await live(workload, disk, ledger)).crashed, `the crash at ${number} did not come`)
    disk.crashAt(second.moment, disk.operationCount + after, second.kind)
    trace.add(after, `then ${second.kind} fails ${second.moment} operation ${after} of the recovery`)
    const { recovered } = await live(workload, disk, ledger)
    // A third life, whether the second was cut short or had recovered when its crash came.
    assert((await live(workload, disk, ledger, "until recovered")).recovered)
    promised += workload.promisedCount(ledger)
    if (recovered) break
    recoveryCrashes++
  }
  return { traceHash: trace.hash, facts: { recoveryCrashes, promised } }
}

async function countOperations<Ledger>(workload: Workload<Ledger>): Promise<number> {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(0) })
  await live(workload, disk, workload.newLedger())
  return disk.operationCount
}

/** One life, until its work is done, it is told to end, or it crashes. */
async function live<Ledger>(
  workload: Workload<Ledger>,
  disk: SimulatedDisk,
  ledger: Ledger,
  until: "done" | "until recovered" = "done",
): Promise<{ readonly crashed: boolean; readonly recovered: boolean }> {
  const life = new Life()
  let recovered = false
  const recovery = new Promise<void>((resolve, reject) => {
    const onRecovered = () => {
      recovered = true
      if (until === "until recovered") resolve()
    }
    workload.work(disk, life, ledger, onRecovered).then(resolve, reject)
  })
  await Promise.race([recovery, life.ended])
  const crashed = life.over
  life.end()
  return { crashed, recovered }
}

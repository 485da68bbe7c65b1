import assert from "node:assert/strict"
import { test } from "node:test"
import { type CrashKind, createSimulatedRandom, Life, SimulatedDisk } from "../../src/platform/simulated/index.ts"
import { LogLedger } from "./log-ledger.ts"
import { logWorkload } from "./log-workload.ts"

/** Runs the workload until it ends by itself or by a crash. */
async function live(disk: SimulatedDisk, ledger: LogLedger): Promise<Life> {
  const life = new Life()
  await Promise.race([logWorkload.work(disk, life, ledger, () => undefined), life.ended])
  return life
}

async function countOperations(): Promise<number> {
  const disk = new SimulatedDisk({ random: createSimulatedRandom(0) })
  await live(disk, new LogLedger())
  return disk.operationCount
}

// A second crash, at each operation of the recovery, is what the scenario "log-recovery" adds (recovery-crashes.ts).
for (const kind of ["power", "process"] satisfies CrashKind[]) {
  for (const moment of ["before", "after"] as const) {
    test(`The log keeps what it acknowledged when the ${kind} fails ${moment} any of its disk operations`, async () => {
      const operationCount = await countOperations()
      assert(operationCount > 30, "the workload does too little")
      for (let number = 1; number <= operationCount; number++) {
        for (const seed of [1, 2]) {
          const disk = new SimulatedDisk({ random: createSimulatedRandom(1000 * number + seed) })
          const ledger = new LogLedger()
          disk.crashAt(moment, number, kind)
          assert((await live(disk, ledger)).over, `the crash at ${number} did not come`)
          await named(`${kind} ${moment} operation ${number}, seed ${seed}`, async () => {
            await live(disk, ledger)
            assert(ledger.acknowledgedCount > 0)
          })
        }
      }
    })
  }
}

/** Says in which of many cases something failed. */
async function named(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run()
  } catch (cause) {
    throw new Error(`${name}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

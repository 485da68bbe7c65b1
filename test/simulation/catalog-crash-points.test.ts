import assert from "node:assert/strict"
import { test } from "node:test"
import { createSimulatedRandom, Life, SimulatedDisk } from "../../src/platform/simulated/index.ts"
import type { CatalogLedger } from "./catalog-ledger.ts"
import { catalogWorkload } from "./catalog-workload.ts"

async function live(disk: SimulatedDisk, ledger: CatalogLedger): Promise<Life> {
  const life = new Life()
  await Promise.race([catalogWorkload.work(disk, life, ledger, () => undefined), life.ended])
  return life
}

// A second crash, at each operation of the recovery, is what the scenario "catalog-recovery" adds (recovery-crashes.ts).
for (const kind of ["power", "process"] as const) {
  test(`The catalog is as it was last answered when the ${kind} fails at any of its disk operations`, async () => {
    const calm = new SimulatedDisk({ random: createSimulatedRandom(0) })
    await live(calm, catalogWorkload.newLedger())
    assert(calm.operationCount > 50, "the workload does too little")
    for (let number = 1; number <= calm.operationCount; number++) {
      for (const moment of ["before", "after"] as const) {
        const disk = new SimulatedDisk({ random: createSimulatedRandom(number) })
        const ledger = catalogWorkload.newLedger()
        disk.crashAt(moment, number, kind)
        assert((await live(disk, ledger)).over, `the crash ${moment} ${number} did not come`)
        assert(!(await live(disk, ledger)).over)
        await live(disk, ledger)
      }
    }
  })
}

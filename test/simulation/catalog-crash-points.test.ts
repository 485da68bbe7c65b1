import assert from "node:assert/strict"
import { test } from "node:test"
import { createSimulatedRandom, Life, SimulatedClock, SimulatedDisk } from "../../src/platform/simulated/index.ts"
import { CatalogLedger } from "./catalog-ledger.ts"
import { openCatalog } from "./open-catalog.ts"

const names = ["orders", "clicks"]

/** Creates, changes and removes streams, two at a time. Always the same. */
async function work(disk: SimulatedDisk, life: Life, ledger: CatalogLedger): Promise<void> {
  const catalog = await openCatalog({ disk, clock: new SimulatedClock(), random: createSimulatedRandom(1), life })
  ledger.check(catalog)
  for (const change of ["create", "change", "change", "remove", "create", "change"] as const) {
    await Promise.all(names.map((name) => ledger.ask(catalog, name, change)))
  }
}

async function live(disk: SimulatedDisk, ledger: CatalogLedger): Promise<Life> {
  const life = new Life()
  await Promise.race([work(disk, life, ledger), life.ended])
  return life
}

for (const kind of ["power", "process"] as const) {
  test(`The catalog is as it was last answered when the ${kind} fails at any of its disk operations`, async () => {
    const calm = new SimulatedDisk({ random: createSimulatedRandom(0) })
    await live(calm, new CatalogLedger(names))
    assert(calm.operationCount > 50, "the workload does too little")
    for (let number = 1; number <= calm.operationCount; number++) {
      for (const moment of ["before", "after"] as const) {
        const disk = new SimulatedDisk({ random: createSimulatedRandom(number) })
        const ledger = new CatalogLedger(names)
        disk.crashAt(moment, number, kind)
        assert((await live(disk, ledger)).over, `the crash ${moment} ${number} did not come`)
        assert(!(await live(disk, ledger)).over)
        await live(disk, ledger)
      }
    }
  })
}

import { createSimulatedRandom, SimulatedClock } from "../../src/platform/simulated/index.ts"
import { CatalogLedger } from "./catalog-ledger.ts"
import { openCatalog } from "./open-catalog.ts"
import type { Workload } from "./recovery-crashes.ts"

const names = ["orders", "clicks"]

/** A catalog in which streams are created, changed and removed, two at a time. */
export const catalogWorkload: Workload<CatalogLedger> = {
  newLedger: () => new CatalogLedger(names),
  promisedCount: (ledger) => ledger.answeredCount,
  async work(disk, life, ledger, onRecovered) {
    const catalog = await openCatalog({ disk, clock: new SimulatedClock(), random: createSimulatedRandom(1), life })
    ledger.check(catalog)
    for (const change of ["create", "change", "change", "remove", "create", "change"] as const) {
      await Promise.all(names.map((name) => ledger.ask(catalog, name, change)))
      if (change !== "create") onRecovered()
    }
  },
}

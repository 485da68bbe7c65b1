import { runCatalog } from "./catalog-run.ts"
import { catalogWorkload } from "./catalog-workload.ts"
import { runLog } from "./log-run.ts"
import { logWorkload } from "./log-workload.ts"
import { runProgram } from "./program-run.ts"
import { runRecoveryCrashes, seedsForEachOperation, seedsForEachWay } from "./recovery-crashes.ts"
import type { Scenario } from "./scenario.ts"

export const scenarios: readonly Scenario[] = [
  { name: "log", run: runLog, seedsPerTest: 80 },
  { name: "catalog", run: runCatalog, seedsPerTest: 80 },
  {
    name: "log-recovery",
    run: (seed, onEvent) => runRecoveryCrashes(logWorkload, seed, onEvent),
    seedsPerTest: seedsForEachOperation,
    seedsMax: seedsForEachWay,
  },
  {
    name: "catalog-recovery",
    run: (seed, onEvent) => runRecoveryCrashes(catalogWorkload, seed, onEvent),
    seedsPerTest: seedsForEachOperation,
    seedsMax: seedsForEachWay,
  },
  { name: "program", run: runProgram, seedsPerTest: 40 },
]

import { runCatalog } from "./catalog-run.ts"
import { runLog } from "./log-run.ts"
import { runProgram } from "./program-run.ts"
import type { Scenario } from "./scenario.ts"

export const scenarios: readonly Scenario[] = [
  { name: "log", run: runLog, seedsPerTest: 80 },
  { name: "catalog", run: runCatalog, seedsPerTest: 80 },
  { name: "program", run: runProgram, seedsPerTest: 40 },
]

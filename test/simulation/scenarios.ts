import { runLog } from "./log-run.ts"
import type { Scenario } from "./scenario.ts"

export const scenarios: readonly Scenario[] = [{ name: "log", run: runLog, seedsPerTest: 200 }]

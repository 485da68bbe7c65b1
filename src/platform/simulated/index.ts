/** The simulated twins of the platform: the same seed gives the same run. For tests and the simulator only. */
export { SimulatedClock } from "./clock.ts"
export {
  type CrashKind,
  type DiskOperation,
  type OperationKind,
  SimulatedDisk,
} from "./disk.ts"
export { Life } from "./life.ts"
export { createSimulatedRandom, type SimulatedRandom } from "./random.ts"

import type { Column } from "../src/cli/table.ts"
import type { ServerProcesses } from "./server-processes.ts"

/** One comparison: what it is called on the command line, and how it is run. */
export interface Bench {
  readonly name: string
  /** One line for `--help`. */
  readonly about: string
  /** Measures, and answers what to print. It leaves nothing running and nothing outside its folder. */
  run(world: BenchWorld): Promise<readonly Table[]>
}

export interface BenchWorld {
  /** Seconds instead of minutes: shows that the bench works, and its figures mean little. */
  readonly quick: boolean
  /** An empty folder of the bench's own, removed after it. */
  readonly folder: string
  readonly processes: ServerProcesses
  /** Tells the person who waits what is going on. */
  progress(text: string): void
}

/** Figures side by side. */
export interface Table {
  readonly title: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly string[])[]
}

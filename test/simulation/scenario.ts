/** What a run of a scenario tells. It throws where a promise was broken. */
export interface Run {
  /** The same for the same seed. */
  readonly traceHash: string
  /** What happened in it, in numbers: a run in which nothing happens proves nothing. */
  readonly facts: Readonly<Record<string, number>>
}

/** A world that a seed decides, with the code under test in it. */
export interface Scenario {
  readonly name: string
  /** Seeds that a run of the tests tries. */
  readonly seedsPerTest: number
  /** Seeds after which nothing new is tried. */
  readonly seedsMax?: number
  /** `onEvent` is told of everything that happens, for whoever looks into a failure. */
  readonly run: (seed: number, onEvent?: (event: string) => void) => Promise<Run>
}

/** What a person types to see a run again, event by event. */
export function repeatCommand(scenarioName: string, seed: number): string {
  return `npm run simulate -- --scenario ${scenarioName} --first ${seed} --seeds 1 --trace`
}

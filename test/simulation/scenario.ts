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
  readonly run: (seed: number) => Promise<Run>
}

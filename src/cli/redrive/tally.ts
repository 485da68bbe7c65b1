/** What a run did, counted. */
export interface Counted {
  readonly errorType: string
  readonly errorCode: string
  recordCount: number
  sizeBytes: number
}

export interface Problem {
  /** Where the object is. */
  readonly object: string
  /** Undefined when it is the object as a whole. */
  readonly line?: number
  readonly problem: string
}

/** Of how many problems the summary tells each; all are counted. */
const toldMax = 100

export class Tally {
  /** Objects of which records were put. */
  objectCount = 0
  recordCount = 0
  sizeBytes = 0
  requestCount = 0
  /** Records that an earlier run had put. */
  putBeforeCount = 0
  /** Records that were not asked for. */
  leftOutCount = 0
  /** Objects that came after this run had begun. */
  newerObjectCount = 0
  problemCount = 0
  readonly problems: Problem[] = []
  /** Called for each problem, once it is counted. */
  onProblem: (problem: Problem) => void = () => {}
  readonly #byError = new Map<string, Counted>()
  #lastObject: string | undefined

  /** In the order in which they came. */
  get byError(): readonly Counted[] {
    return [...this.#byError.values()]
  }

  count(record: {
    readonly object: string
    readonly errorType: string
    readonly errorCode: string
    readonly data: Uint8Array
  }) {
    const { object, errorType, errorCode, data } = record
    const name = JSON.stringify([errorType, errorCode])
    const counted = this.#byError.get(name) ?? { errorType, errorCode, recordCount: 0, sizeBytes: 0 }
    this.#byError.set(name, counted)
    counted.recordCount += 1
    counted.sizeBytes += data.byteLength
    this.recordCount += 1
    this.sizeBytes += data.byteLength
    // Records come object by object.
    if (object !== this.#lastObject) this.objectCount += 1
    this.#lastObject = object
  }

  countProblem(problem: Problem): void {
    this.problemCount += 1
    if (this.problems.length < toldMax) this.problems.push(problem)
    this.onProblem(problem)
  }
}

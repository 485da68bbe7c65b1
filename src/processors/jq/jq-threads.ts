import { ThreadLane } from "../../workers/index.ts"
import type { JqEngine, JqOutcome, JqRun } from "./jq-engine.ts"
import { JqThread } from "./jq-thread-handle.ts"

export interface JqThreadsOptions {
  /** Threads for programs that have not hung; one more is for those that have. At least 1. */
  readonly threadsMax: number
  readonly limits?: Partial<JqLimits>
}

export interface JqLimits {
  /** How long one record may take. It takes some microseconds. */
  readonly recordMsMax: number
  /** The same for a program that has hung before. */
  readonly suspectRecordMsMax: number
  /** How long one run waits for records that hang, all together. Then all that are left fail. */
  readonly hungMsMax: number
  /** How long a program is remembered that has hung. */
  readonly suspicionMs: number
  /** A thread with nothing to do for so long is ended. */
  readonly idleMsMax: number
}

const defaultLimits: JqLimits = {
  recordMsMax: 5000,
  suspectRecordMsMax: 2000,
  hungMsMax: 30_000,
  suspicionMs: 600_000,
  idleMsMax: 30_000,
}

/** What one thread is given at a time, so that streams take turns: some tens of milliseconds. */
const [sliceRecordsMax, sliceCharactersMax] = [1000, 512 * 1024]

/** Programs that are remembered. */
const suspectsMax = 1000

/**
 * jq on threads of its own, which streams share. A program that never ends on a record costs the others one deadline: its
 * thread is ended, that record fails, and from then on the program is run apart from those that never hung.
 *
 * No thread is started before there is work.
 */
export function createJqThreads({ threadsMax, limits: given = {} }: JqThreadsOptions): JqEngine {
  const limits = { ...defaultLimits, ...given }
  const shared = { start: () => new JqThread(), idleMsMax: limits.idleMsMax, closedMessage: "jq has ended" }
  const trusted = new ThreadLane({ ...shared, threadsMax })
  const apart = new ThreadLane({ ...shared, threadsMax: 1 })
  /** By program, when it may be trusted again. */
  const suspects = new Map<string, number>()

  function isSuspect(query: string): boolean {
    return (suspects.get(query) ?? 0) > performance.now()
  }

  function suspect(query: string): void {
    if (suspects.size >= suspectsMax) suspects.clear()
    suspects.set(query, performance.now() + limits.suspicionMs)
  }

  return {
    async run(query, inputs, signal): Promise<JqRun> {
      const outcomes: (JqOutcome | undefined)[] = inputs.map(() => undefined)
      let hungMs = 0
      for (const slice of slicesOf(inputs)) {
        let left = slice
        while (left.length > 0 && hungMs < limits.hungMsMax) {
          const isApart = isSuspect(query)
          const recordMsMax = isApart ? limits.suspectRecordMsMax : limits.recordMsMax
          const task = { query, inputs: left.map((index) => inputs[index] ?? "") }
          const answer = await (isApart ? apart : trusted).run((thread) => {
            signal.throwIfAborted()
            return thread.run(task, recordMsMax, signal)
          })
          if (answer.kind === "broken") return answer
          if (answer.kind === "ran") {
            for (const [place, index] of left.entries()) outcomes[index] = answer.outcomes[place]
            break
          }
          suspect(query)
          hungMs += recordMsMax
          const hung = left[answer.index]
          if (hung !== undefined) outcomes[hung] = failed(`The query did not end within ${recordMsMax} ms`)
          left = left.filter((index) => index !== hung)
        }
      }
      const untried = failed("The query did not end on too many other records: this one was not tried")
      return { kind: "ran", outcomes: outcomes.map((outcome) => outcome ?? untried) }
    },
    async close() {
      await Promise.all([trusted.close(), apart.close()])
    },
  }
}

function failed(message: string): JqOutcome {
  return { kind: "failed", message }
}

/** Indexes of inputs that are run together. */
function* slicesOf(inputs: readonly string[]): Generator<readonly number[]> {
  let [slice, characters]: [number[], number] = [[], 0]
  for (const [index, input] of inputs.entries()) {
    if (slice.length === sliceRecordsMax || (slice.length > 0 && characters + input.length > sliceCharactersMax)) {
      yield slice
      ;[slice, characters] = [[], 0]
    }
    slice.push(index)
    characters += input.length
  }
  // A program that does not compile is told even when there is nothing to run it on.
  if (slice.length > 0 || inputs.length === 0) yield slice
}

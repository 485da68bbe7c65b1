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
  const trusted = new Lane(threadsMax, limits.idleMsMax)
  const apart = new Lane(1, limits.idleMsMax)
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
          const answer = await (isApart ? apart : trusted).run(
            (thread) => thread.run(task, recordMsMax, signal),
            signal,
          )
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

/** Threads that are alike: whoever comes first has the next one that is free. */
class Lane {
  readonly #threadsMax: number
  readonly #idleMsMax: number
  readonly #threads = new Set<JqThread>()
  /** With the timer that will end it. */
  readonly #idle = new Map<JqThread, NodeJS.Timeout>()
  readonly #waiting: (() => void)[] = []
  #isClosed = false

  constructor(threadsMax: number, idleMsMax: number) {
    this.#threadsMax = threadsMax
    this.#idleMsMax = idleMsMax
  }

  async run<T>(task: (thread: JqThread) => Promise<T>, signal: AbortSignal): Promise<T> {
    while (this.#idle.size === 0 && this.#threads.size >= this.#threadsMax) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    if (this.#isClosed) throw new Error("jq has ended")
    const thread = this.#take()
    try {
      signal.throwIfAborted()
      return await task(thread)
    } finally {
      this.#give(thread)
      this.#waiting.shift()?.()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const wake of this.#waiting.splice(0)) wake()
    const ended = [...this.#threads].map((thread) => this.#end(thread))
    await Promise.all(ended)
  }

  #take(): JqThread {
    for (const [thread, timer] of this.#idle) {
      clearTimeout(timer)
      this.#idle.delete(thread)
      if (thread.isAlive) return thread
      this.#threads.delete(thread)
    }
    const thread = new JqThread()
    this.#threads.add(thread)
    return thread
  }

  #give(thread: JqThread): void {
    if (!thread.isAlive) {
      this.#threads.delete(thread)
      return
    }
    const timer = setTimeout(() => void this.#end(thread), this.#idleMsMax)
    timer.unref()
    this.#idle.set(thread, timer)
  }

  async #end(thread: JqThread): Promise<void> {
    clearTimeout(this.#idle.get(thread))
    this.#idle.delete(thread)
    this.#threads.delete(thread)
    await thread.end(new Error("jq has ended"))
  }
}

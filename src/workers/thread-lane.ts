/** A thread that does one task at a time. */
export interface LaneThread {
  /** Whether it can do another task. */
  readonly isAlive: boolean
  /** Ends it at once; what is under way is rejected with `why`. No error when it has ended. */
  end(why: Error): Promise<void>
}

export interface ThreadLaneOptions<Thread> {
  readonly start: () => Thread
  /** At least 1. */
  readonly threadsMax: number
  /** A thread with nothing to do for so long is ended. */
  readonly idleMsMax: number
  /** What those are told who come too late, or are not done yet, when the lane is closed: "jq has ended". */
  readonly closedMessage: string
}

/**
 * Threads that are alike: whoever comes first has the next one that is free. None is started before there is a task for it, and one that
 * dies costs its own task and no other: whoever comes next has a new one.
 */
export class ThreadLane<Thread extends LaneThread> {
  readonly #options: ThreadLaneOptions<Thread>
  readonly #threads = new Set<Thread>()
  /** With the timer that will end it. */
  readonly #idle = new Map<Thread, NodeJS.Timeout>()
  readonly #waiting: (() => void)[] = []
  #isClosed = false

  constructor(options: ThreadLaneOptions<Thread>) {
    this.#options = options
  }

  async run<T>(task: (thread: Thread) => Promise<T>): Promise<T> {
    while (!this.#isClosed && this.#idle.size === 0 && this.#threads.size >= this.#options.threadsMax) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    if (this.#isClosed) throw new Error(this.#options.closedMessage)
    const thread = this.#take()
    try {
      return await task(thread)
    } finally {
      this.#give(thread)
      this.#waiting.shift()?.()
    }
  }

  /** Ends the threads. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const wake of this.#waiting.splice(0)) wake()
    const ended = [...this.#threads].map((thread) => this.#end(thread))
    await Promise.all(ended)
  }

  #take(): Thread {
    for (const [thread, timer] of this.#idle) {
      clearTimeout(timer)
      this.#idle.delete(thread)
      if (thread.isAlive) return thread
      this.#threads.delete(thread)
    }
    const thread = this.#options.start()
    this.#threads.add(thread)
    return thread
  }

  #give(thread: Thread): void {
    if (!thread.isAlive) {
      this.#threads.delete(thread)
      return
    }
    const timer = setTimeout(() => void this.#end(thread), this.#options.idleMsMax)
    timer.unref()
    this.#idle.set(thread, timer)
  }

  async #end(thread: Thread): Promise<void> {
    clearTimeout(this.#idle.get(thread))
    this.#idle.delete(thread)
    this.#threads.delete(thread)
    await thread.end(new Error(this.#options.closedMessage))
  }
}

import type { Socket } from "node:net"
import type { StreamDefinition } from "../streams/index.ts"
import { IngestProcess, type IngestProcessOptions } from "./ingest-process.ts"
import type { IngestProcessStart } from "./procedures.ts"

export interface IngestProcessesOptions extends Omit<IngestProcessOptions, "start"> {
  readonly count: number
  readonly start: Omit<IngestProcessStart, "number">
}

/** The ingest processes of one server. There may be none. */
export class IngestProcesses {
  /** Of a server that takes puts by itself. */
  static readonly none = new IngestProcesses([])

  readonly #processes: readonly IngestProcess[]
  #turn = 0

  private constructor(processes: readonly IngestProcess[]) {
    this.#processes = processes
  }

  /** @throws Error when one of them can't be started; then none is left running */
  static async start({ count, start, ...options }: IngestProcessesOptions): Promise<IngestProcesses> {
    const starting = Array.from({ length: count }, (_, index) =>
      IngestProcess.start({ ...options, start: { ...start, number: index + 1 } }),
    )
    const outcomes = await Promise.allSettled(starting)
    const processes = new IngestProcesses(
      outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : [])),
    )
    const failed = outcomes.find((outcome) => outcome.status === "rejected")
    if (failed === undefined) return processes
    await processes.close()
    throw new Error(
      `an ingest process can't be started: ${failed.reason instanceof Error ? failed.reason.message : failed.reason}`,
    )
  }

  /** How many partitions of a stream are written at the same time: one by each process, and the server's own. */
  get partitionCount(): number {
    return this.#processes.length + 1
  }

  /** The one that writes this partition of each stream; undefined when none does. */
  writerOf(partition: number): IngestProcess | undefined {
    return this.#processes.find(({ number }) => number === partition)
  }

  /** Gives a connection, of which nothing was read, to the next one that is running. False when none is. */
  take(socket: Socket): boolean {
    for (const _ of this.#processes) {
      const process = this.#processes[this.#turn++ % this.#processes.length]
      if (process?.isRunning) {
        process.take(socket)
        return true
      }
    }
    return false
  }

  /** Has all take puts for a stream, as this definition says. */
  async admit(stream: StreamDefinition): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.admit(stream)))
  }

  /** Has all take no more puts for a stream. */
  async dismiss(streamUid: string): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.dismiss(streamUid)))
  }

  /** Lets the requests under way be answered, and takes no more. */
  async drain(graceMs: number): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.drain(graceMs)))
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.close()))
  }
}

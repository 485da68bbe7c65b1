import type { Readable } from "node:stream"
import type { WriteStream } from "node:tty"
import type { Clock, Random } from "../platform/index.ts"

/** What a command sees of the process that it runs in. main.ts alone touches the process itself. */
export interface CliWorld {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Output
  /** Progress and questions, so that what is piped on stays clean. */
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly workingFolder: string
  /** What to type to run this program again, for examples. */
  readonly programName: string
  readonly clock: Clock
  readonly random: Random
  /** Aborted at the first SIGINT or SIGTERM; the second one ends the process. */
  readonly interrupted: AbortSignal
}

export type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, "isTTY" | "columns" | "hasColors">>

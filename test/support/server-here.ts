import assert from "node:assert/strict"
import { readSettings } from "../../src/config/index.ts"
import { createLogger } from "../../src/observe/index.ts"
import { type RunningServer, startServer } from "../../src/server.ts"

/** A server in this process: it starts in a fraction of the time of a process of its own. */
export interface ServerHere extends RunningServer {
  /** All that it has logged so far, a line of JSON each. */
  readonly log: () => string
}

export type StartOutcome =
  | { readonly kind: "started"; readonly server: ServerHere }
  | { readonly kind: "refused"; readonly reason: string; readonly log: string }

/** Starts a server in this process on a data folder and free ports; `flags` by the settings' keys. */
export async function startHere(
  dataFolder: string,
  flags: Readonly<Record<string, string | boolean>> = {},
): Promise<StartOutcome> {
  const given = { dataFolder, listenPort: "0", adminListenPort: "0", diskFreeBytesMin: "0", ...flags }
  const outcome = readSettings({ flags: given, environment: {}, file: undefined })
  assert(outcome.kind === "read", "the settings of a test are right")
  let log = ""
  const write = (line: string) => {
    log += line
  }
  const logger = createLogger({ level: "info", format: "json", destination: { write } })
  try {
    const server = await startServer(outcome.settings, { logger })
    return { kind: "started", server: { ...server, log: () => log } }
  } catch (error) {
    return { kind: "refused", reason: error instanceof Error ? error.message : String(error), log }
  }
}

import { isLoopback } from "../platform/index.ts"
import { type SettingValues, settings } from "./settings.ts"

/**
 * Why a server with these settings must not start: its API would listen where others can reach it, and take requests from
 * anybody. Empty when it may. For `serve` alone: a command that only calls a server has nothing to expose.
 */
export function exposureProblems(given: Pick<SettingValues, "listenAddress" | "credentials">): readonly string[] {
  if (given.credentials !== undefined || isLoopback(given.listenAddress)) return []
  const { name } = settings.listenAddress
  return [
    `Cannot listen on ${name} "${given.listenAddress}" without credentials, since anybody who can reach it could use it: set ${settings.credentials.name} to a file of the keys that may sign (the format of ~/.aws/credentials), or ${name} to 127.0.0.1`,
  ]
}

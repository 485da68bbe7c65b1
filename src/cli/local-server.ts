import path from "node:path"
import { exposureProblems, readSettings, type SettingSources, type Settings, settings } from "../config/index.ts"
import { createLogger, type Logger } from "../observe/index.ts"
import { readFileIfThere, systemDisk } from "../platform/index.ts"
import { startServer } from "../server.ts"
import { CommandError, systemCode } from "./failure.ts"
import type { CliWorld } from "./world.ts"

const settingsFileName = "hydrant.yaml"

export interface GivenSettings {
  readonly flags: SettingSources["flags"]
  /** The settings file that was asked for; without it hydrant.yaml in the working folder, if there is one. */
  readonly settingsFile: string | undefined
}

export interface ServerHere {
  readonly apiUrl: string
  readonly adminUrl: string
  /** Stops gracefully: requests under way are answered, what was acknowledged is kept. */
  close(): Promise<void>
}

/**
 * Puts the settings of a server in this process together.
 * @throws CommandError with everything that is wrong with them
 */
export async function loadSettings(world: CliWorld, { flags, settingsFile }: GivenSettings): Promise<Settings> {
  const name = settingsFile ?? settingsFileName
  const content = await readFileIfThere(systemDisk, path.resolve(world.workingFolder, name)).catch((error: unknown) => {
    throw new CommandError(`Cannot read the settings file "${name}": ${reasonOf(error)}`, undefined, { cause: error })
  })
  if (content === undefined && settingsFile !== undefined) {
    throw new CommandError(`Cannot read the settings file "${name}": there is no such file`)
  }
  const file = content === undefined ? undefined : { name, text: content.toString("utf8") }
  const outcome = readSettings({ flags, environment: world.env, file })
  const problems = outcome.kind === "refused" ? outcome.problems : exposureProblems(outcome.settings)
  if (outcome.kind === "read" && problems.length === 0) return outcome.settings
  throw new CommandError(
    problems.length === 1
      ? (problems[0] ?? "")
      : `The settings are wrong:\n${problems.map((one) => `- ${one}`).join("\n")}`,
    `${world.programName} serve --help explains every setting`,
  )
}

/**
 * Starts a server in this process.
 * @throws CommandError saying what keeps it from starting
 */
export async function startHere(given: Settings, logger: Logger): Promise<ServerHere> {
  try {
    return await startServer(given, { logger })
  } catch (error) {
    throw startFailure(error, given)
  }
}

/** The log of a server in this process, as its settings ask for it. */
export function serverLogger(given: Pick<Settings, "logLevel" | "logFormat">, destination: CliWorld["stdout"]): Logger {
  const format = given.logFormat === "auto" ? (destination.isTTY === true ? "pretty" : "json") : given.logFormat
  return createLogger({ level: given.logLevel, format, destination })
}

function startFailure(error: unknown, given: Settings): CommandError {
  if (!(error instanceof Error)) return new CommandError(`Cannot start the server: ${String(error)}`)
  if ("syscall" in error && error.syscall === "listen") return listenFailure(error, given)
  const file = "path" in error && typeof error.path === "string" ? error.path : undefined
  if (file === undefined)
    return new CommandError(`Cannot start the server: ${error.message}`, undefined, { cause: error })
  const isData = !path.relative(given.dataFolder, file).startsWith("..")
  return new CommandError(
    isData ? `Cannot use the data folder: ${reasonOf(error)} at "${file}"` : `Cannot use "${file}": ${reasonOf(error)}`,
    isData
      ? `Mend that, or give another data folder with --${settings.dataFolder.name}`
      : "It must be readable for the user that runs the server",
    { cause: error },
  )
}

function listenFailure(error: Error, given: Settings): CommandError {
  const port = "port" in error ? Number(error.port) : undefined
  const isAdmin = port === given.adminListenPort
  const address = isAdmin ? given.adminListenAddress : given.listenAddress
  const portFlag = `--${isAdmin ? settings.adminListenPort.name : settings.listenPort.name}`
  const addressFlag = `--${isAdmin ? settings.adminListenAddress.name : settings.listenAddress.name}`
  const failure = (reason: string, help: string | undefined) =>
    new CommandError(
      `Cannot listen on ${address}${port === undefined ? "" : ` port ${port}`} for the ${isAdmin ? "admin side" : "API"}: ${reason}`,
      help,
      { cause: error },
    )
  switch (systemCode(error)) {
    case "EADDRINUSE":
      return failure(
        "another program listens there",
        `If it is a Hydrant that is no longer needed, stop it; else choose another port with ${portFlag}`,
      )
    case "EADDRNOTAVAIL":
      return failure("this machine has no such address", `Give one that it has with ${addressFlag}`)
    case "EACCES":
      return failure("permission denied", `Ports below 1024 are root's: choose another one with ${portFlag}`)
    default:
      return failure(error.message, undefined)
  }
}

/** A failure of the disk in words. */
function reasonOf(error: unknown): string {
  switch (systemCode(error)) {
    case "EACCES":
    case "EPERM":
      return "permission denied"
    case "EROFS":
      return "its disk is mounted read-only"
    case "ENOSPC":
      return "the disk is full"
    case "EDQUOT":
      return "the disk quota is used up"
    case "EISDIR":
      return "it is a folder"
    case "EEXIST":
    case "ENOTDIR":
      return "a file stands where a folder is needed"
    default:
      return error instanceof Error ? error.message : String(error)
  }
}

import { Command, Option } from "commander"
import { type FlagValue, type Setting, settings } from "../../config/index.ts"
import { aborted } from "../interruption.ts"
import { loadSettings, serverLogger, startHere } from "../local-server.ts"
import type { CliWorld } from "../world.ts"

/** What commander makes of the flags: under the settings' keys, and `config`. */
type ServeFlags = Readonly<Record<string, FlagValue | undefined>>

/** `hydrant serve`: the server, until it is told to stop. */
export function serveCommand(world: CliWorld): Command {
  const command = new Command("serve")
    .summary("run the server")
    .description(
      "Runs the server until SIGINT or SIGTERM; a second one ends it at once, and what it acknowledged is safe even then. " +
        "What is set by a flag can be set by a variable, or by a line such as listen-port: 4573 in hydrant.yaml; " +
        "a flag wins over a variable, and a variable over the file.",
    )
    .option("--config <FILE>", "the settings file, instead of hydrant.yaml in the working folder (HYDRANT_CONFIG)")
  for (const setting of Object.values(settings)) for (const option of settingOptions(setting)) command.addOption(option)
  return command.action((flags: ServeFlags) => serve(world, flags))
}

/** A switch gets two flags, since it may be on by default, or turned on by the file. */
function settingOptions(setting: Setting<unknown, unknown>): Option[] {
  const { isMapping, name, valueName, shape, variables } = setting
  const fallback = setting.default === undefined ? "" : `; default ${setting.default}`
  // `code` spans are for the reference page: a terminal shows them as they are.
  const help = `${shape.doc.replaceAll("`", "")} (${variables.join(", ")}${fallback})`
  if (valueName !== undefined) {
    const option = new Option(`--${name} <${valueName}>`, help)
    return [isMapping ? option.argParser(addTo) : option]
  }
  return [new Option(`--${name}`, help), new Option(`--no-${name}`)]
}

/** A flag that is given several times. */
function addTo(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

async function serve(world: CliWorld, { config, ...flags }: ServeFlags): Promise<void> {
  const settingsFile = typeof config === "string" ? config : world.env["HYDRANT_CONFIG"]
  const given = await loadSettings(world, { flags, settingsFile })
  const server = await startHere(given, serverLogger(given, world.stdout))
  await aborted(world.interrupted)
  await server.close()
}

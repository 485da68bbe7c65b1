import { Command } from "commander"
import { type FlagValue, settings } from "../../config/index.ts"
import { aborted } from "../interruption.ts"
import { loadSettings, serverLogger, startHere } from "../local-server.ts"
import { settingOptions, settingsFile, settingsFileOption } from "../setting-options.ts"
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
    .addOption(settingsFileOption())
  for (const setting of Object.values(settings)) for (const option of settingOptions(setting)) command.addOption(option)
  return command.action((flags: ServeFlags) => serve(world, flags))
}

async function serve(world: CliWorld, { config, ...flags }: ServeFlags): Promise<void> {
  const given = await loadSettings(world, { flags, settingsFile: settingsFile(config, world.env) })
  const server = await startHere(given, serverLogger(given, world.stdout))
  await aborted(world.interrupted)
  await server.close()
}

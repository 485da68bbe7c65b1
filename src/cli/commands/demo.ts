import { Command } from "commander"
import { adminOption } from "../admin-client.ts"
import { endpointOption } from "../connect.ts"
import {
  type DemoAddresses,
  findOrStart,
  showHowToGoOn,
  showPartitions,
  showPlainObjects,
  showRows,
  step,
} from "../demo/index.ts"
import { aborted } from "../interruption.ts"
import { terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"

interface DemoFlags extends DemoAddresses {
  readonly exit?: true
}

/** `hydrant demo`: the first try. The main jobs, on real records, and where the results are. */
export function demoCommand(world: CliWorld): Command {
  return new Command("demo")
    .summary("see it work: real records in, compressed objects out")
    .description(
      "Starts a server, unless one answers already, and puts a week of the world's earthquakes into three delivery streams: " +
        "one that keeps them as they are, one with a function that sorts them by region and magnitude, and one that makes " +
        "Parquet of them. Then shows the objects that came of them, and how to go on. The server stays up until Ctrl-C.",
    )
    .addOption(endpointOption())
    .addOption(adminOption())
    .option("--exit", "stop when the objects are shown")
    .action((flags: DemoFlags) => demo(world, flags))
}

async function demo(world: CliWorld, flags: DemoFlags): Promise<void> {
  const out = terminal(world.stdout)
  const server = await findOrStart(world, flags)
  try {
    const whose = server.stop === undefined ? "A server was up already" : "Started a server"
    step(out, `${whose} at ${server.apiUrl}`)
    await showPlainObjects(world, out, server)
    await showPartitions(world, out, server)
    await showRows(world, out, server)
    showHowToGoOn(world, out, server)
    if (server.stop !== undefined && !flags.exit) {
      out.line("The server is up; Ctrl-C stops it.")
      await aborted(world.interrupted)
      out.line("\nStopping: what was put is kept, and delivered when it is started again.")
    }
  } finally {
    await server.stop?.()
  }
}

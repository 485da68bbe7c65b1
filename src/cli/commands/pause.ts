import { Command } from "commander"
import { adminOption, adminUrl, askAdmin } from "../admin-client.ts"
import { terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"

/** `hydrant pause`: the switch of a stream's delivery, off. */
export function pauseCommand(world: CliWorld): Command {
  return new Command("pause")
    .summary("stop delivering a delivery stream; puts go on being stored")
    .description(
      "Stops the delivery of a stream. Its records are still taken, and kept for as long as it is paused. " +
        "It stays paused when the server is started again.",
    )
    .argument("<stream>", "the delivery stream's name")
    .addOption(adminOption())
    .action(async (streamName: string, flags: { readonly adminUrl?: string }) => {
      const path = `/streams/${encodeURIComponent(streamName)}/pause`
      await askAdmin(adminUrl(flags.adminUrl, world.env), { method: "POST", path }, world.interrupted)
      const out = terminal(world.stdout)
      out.line(`Delivery of ${streamName} is paused; its records are still taken`)
      out.line(`To go on: ${world.programName} resume ${streamName}`)
    })
}

import { Command } from "commander"
import { adminOption, adminUrl, askAdmin } from "../admin-client.ts"
import { terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"

/** `hydrant resume`: the switch of a stream's delivery, on. */
export function resumeCommand(world: CliWorld): Command {
  return new Command("resume")
    .summary("go on delivering a paused delivery stream")
    .description("Goes on delivering a stream where it was paused.")
    .argument("<stream>", "the delivery stream's name")
    .addOption(adminOption())
    .action(async (streamName: string, flags: { readonly adminUrl?: string }) => {
      const path = `/streams/${encodeURIComponent(streamName)}/resume`
      await askAdmin(adminUrl(flags.adminUrl, world.env), { method: "POST", path }, world.interrupted)
      terminal(world.stdout).line(`Delivery of ${streamName} goes on`)
    })
}

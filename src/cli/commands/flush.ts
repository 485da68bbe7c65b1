import { Command } from "commander"
import { readFlushAnswer } from "../admin-answers.ts"
import { adminOption, adminUrl, askAdmin, timeoutOption } from "../admin-client.ts"
import { CommandError } from "../failure.ts"
import { formatBytes, formatCounted } from "../quantities.ts"
import { terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"

interface FlushFlags {
  readonly adminUrl?: string
  readonly timeout: number
  readonly json?: true
}

/** `hydrant flush`: delivers what a stream holds, now. */
export function flushCommand(world: CliWorld): Command {
  return new Command("flush")
    .summary("deliver what a delivery stream holds, without waiting for its buffers")
    .description(
      "Closes the stream's buffers now and waits until everything that was put before is delivered. With status 1 when " +
        "that takes too long: delivery then goes on by itself.",
    )
    .argument("<stream>", "the delivery stream's name")
    .addOption(adminOption())
    .addOption(timeoutOption())
    .option("--json", "print the answer as JSON")
    .action((streamName: string, flags: FlushFlags) => flush(world, streamName, flags))
}

async function flush(world: CliWorld, streamName: string, flags: FlushFlags): Promise<void> {
  const path = `/streams/${encodeURIComponent(streamName)}/flush?timeout-seconds=${flags.timeout}`
  const url = adminUrl(flags.adminUrl, world.env)
  const { body } = await askAdmin(url, { method: "POST", path }, world.interrupted, [504])
  const { complete, delivered } = readFlushAnswer(body)
  const out = terminal(world.stdout)
  if (flags.json) {
    out.line(JSON.stringify({ complete, delivered }))
  } else {
    for (const { location, recordCount, sizeBytes } of delivered) {
      out.line(`${location}  ${formatCounted(recordCount, "record")}, ${formatBytes(sizeBytes)}`)
    }
    if (complete && delivered.length === 0) out.line(`Nothing was waiting in ${streamName}`)
  }
  if (!complete) {
    throw new CommandError(
      `Not all of "${streamName}" was delivered within ${flags.timeout} seconds`,
      "Nothing is lost and delivery goes on; the delivery error log and the server's log say what holds it up",
    )
  }
}

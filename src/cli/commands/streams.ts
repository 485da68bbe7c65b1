import { createInterface } from "node:readline/promises"
import {
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  type FirehoseClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-firehose"
import { Command } from "commander"
import { stringify } from "yaml"
import { readStreamsAnswer, type StreamSummary } from "../admin-answers.ts"
import { adminOption, adminUrl, askAdmin } from "../admin-client.ts"
import { callFailure, connect, endpointOption, endpointUrl } from "../connect.ts"
import { CommandError, Interrupted } from "../failure.ts"
import { formatBytes, formatCount, formatSeconds } from "../quantities.ts"
import { tableLines } from "../table.ts"
import { terminal } from "../terminal.ts"
import type { CliWorld } from "../world.ts"

interface ApiFlags {
  readonly endpointUrl?: string
  readonly json?: true
}

/** `hydrant streams`: which delivery streams there are, and how they are. */
export function streamsCommand(world: CliWorld): Command {
  return new Command("streams")
    .summary("list, describe and delete delivery streams")
    .addCommand(listCommand(world))
    .addCommand(describeCommand(world))
    .addCommand(deleteCommand(world))
}

function listCommand(world: CliWorld): Command {
  return new Command("list")
    .summary("list the delivery streams, with what waits in them")
    .description("Lists the delivery streams: their status, and how many records wait for delivery and for how long.")
    .addOption(adminOption())
    .option("--json", "print them as JSON")
    .action(async (flags: { readonly adminUrl?: string; readonly json?: true }) => {
      const url = adminUrl(flags.adminUrl, world.env)
      const { body } = await askAdmin(url, { method: "GET", path: "/streams" }, world.interrupted)
      const streams = readStreamsAnswer(body)
      const out = terminal(world.stdout)
      if (flags.json) return out.line(JSON.stringify({ streams }))
      if (streams.length === 0) return out.line("There are no delivery streams")
      const [titles = "", ...rows] = tableLines(columns, streams.map(row), out.width)
      out.line(out.paint("bold", titles))
      for (const line of rows) out.line(line)
    })
}

const columns = [
  { title: "STREAM" },
  { title: "STATUS" },
  { title: "DELIVERY" },
  { title: "WAITING", align: "right" },
  { title: "OLDEST", align: "right" },
  { title: "ON DISK", align: "right" },
] as const

function row(stream: StreamSummary): string[] {
  const { backlogRecords, oldestSeconds, logBytes } = stream
  return [
    stream.name,
    stream.status,
    stream.deliveryEnabled ? stream.destination : "paused",
    backlogRecords === undefined ? "-" : formatCount(backlogRecords),
    oldestSeconds === undefined ? "-" : formatSeconds(oldestSeconds),
    logBytes === undefined ? "-" : formatBytes(logBytes),
  ]
}

function describeCommand(world: CliWorld): Command {
  return new Command("describe")
    .summary("show how a delivery stream is configured")
    .description("Shows what DescribeDeliveryStream says of a delivery stream.")
    .argument("<stream>", "the delivery stream's name")
    .addOption(endpointOption())
    .option("--json", "print it as JSON")
    .action(async (name: string, flags: ApiFlags) => {
      const description = await withApi(world, flags, `describe "${name}"`, (client) =>
        client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: name }), {
          abortSignal: world.interrupted,
        }),
      )
      const json = JSON.stringify(description.DeliveryStreamDescription, undefined, 2)
      // By way of JSON, so that both forms show the same: times as text, nothing that is undefined.
      terminal(world.stdout).line(flags.json ? json : stringify(JSON.parse(json)).trimEnd())
    })
}

function deleteCommand(world: CliWorld): Command {
  return new Command("delete")
    .summary("delete a delivery stream and what it has not delivered")
    .description("Deletes a delivery stream with the records that it has not delivered. What it delivered stays.")
    .argument("<stream>", "the delivery stream's name")
    .addOption(endpointOption())
    .option("--yes", "do not ask")
    .action(async (name: string, flags: ApiFlags & { readonly yes?: true }) => {
      if (!flags.yes) await confirm(world, `Delete "${name}" and what it has not delivered?`)
      await withApi(world, flags, `delete "${name}"`, async (client) => {
        await client.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName: name }))
        await waitUntilGone(world, client, name)
      })
      terminal(world.stdout).line(`Deleted ${name}`)
    })
}

/** How long a deletion may take before this stops watching it. */
const watchMs = 60_000

async function waitUntilGone(world: CliWorld, client: FirehoseClient, name: string): Promise<void> {
  const startMs = world.clock.elapsed()
  while (!world.interrupted.aborted) {
    try {
      await client.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: name }))
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return
      throw error
    }
    if (world.clock.elapsed() - startMs > watchMs) {
      throw new Error(`it is still being deleted after ${formatSeconds(watchMs / 1000)}`)
    }
    await world.clock.sleep(100, world.interrupted)
  }
  throw new Interrupted()
}

async function confirm(world: CliWorld, question: string): Promise<void> {
  if (world.stdin.isTTY !== true) throw new CommandError("Nobody is there to confirm this", "Add --yes")
  const reader = createInterface({ input: world.stdin, output: world.stderr })
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal: world.interrupted })
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError("Nothing was deleted")
  } finally {
    reader.close()
  }
}

async function withApi<T>(
  world: CliWorld,
  flags: ApiFlags,
  action: string,
  call: (client: FirehoseClient) => Promise<T>,
): Promise<T> {
  const url = endpointUrl(flags.endpointUrl, world.env)
  const client = await connect(url, world.env)
  try {
    return await call(client)
  } catch (error) {
    throw world.interrupted.aborted ? new Interrupted() : callFailure(error, action, url)
  } finally {
    client.destroy()
  }
}

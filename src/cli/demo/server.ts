import { ListDeliveryStreamsCommand } from "@aws-sdk/client-firehose"
import { settings } from "../../config/index.ts"
import { createLogger, type Logger, relayLine } from "../../observe/index.ts"
import { readPreviewAnswer, readRefusal } from "../admin-answers.ts"
import { adminUrl, askAdmin } from "../admin-client.ts"
import { callFailure, connect, endpointUrl, isLoopback } from "../connect.ts"
import { connectionProblem, Interrupted } from "../failure.ts"
import { loadSettings, startHere } from "../local-server.ts"
import type { CliWorld } from "../world.ts"
import { readEarthquakes } from "./earthquakes.ts"
import { partitionedStream, previewedStream, regionFunction, rowsStream } from "./streams.ts"
import { earthquakesTable, isEarthquakesTable } from "./table.ts"

/** The server that the demo talks to, and how to stop it when the demo started it. */
export interface DemoServer {
  readonly apiUrl: string
  readonly adminUrl: string
  /** Where its buckets are likely to be, when they are folders. */
  readonly dataFolder: string
  readonly stop: (() => Promise<void>) | undefined
}

/** The addresses that the person gave, if any. */
export interface DemoAddresses {
  readonly endpointUrl?: string
  readonly adminUrl?: string
}

/** The server that answers already, or else one that is started here. */
export async function findOrStart(world: CliWorld, flags: DemoAddresses): Promise<DemoServer> {
  const apiUrl = endpointUrl(flags.endpointUrl, world.env)
  const client = await connect(apiUrl, world.env)
  try {
    await client.send(new ListDeliveryStreamsCommand({ Limit: 1 }), { abortSignal: world.interrupted })
    const dataFolder = settings.dataFolder.default
    return { apiUrl, adminUrl: adminUrl(flags.adminUrl, world.env), dataFolder, stop: undefined }
  } catch (error) {
    if (world.interrupted.aborted) throw new Interrupted()
    if (connectionProblem(error) === undefined || !isLoopback(apiUrl)) {
      throw callFailure(error, "list the delivery streams", apiUrl)
    }
  } finally {
    client.destroy()
  }
  const asked = {
    ...listenFlags(apiUrl, endpointUrl(undefined, {}), ["listenAddress", "listenPort"]),
    ...listenFlags(adminUrl(flags.adminUrl, world.env), adminUrl(undefined, {}), [
      "adminListenAddress",
      "adminListenPort",
    ]),
  }
  const given = await loadSettings(world, { flags: asked, settingsFile: undefined })
  // What the settings say of the demo's function comes last, and so is what counts.
  const functions = new Map([[regionFunction.arn, regionFunction.file], ...(given.functions ?? [])])
  const tables = given.tables.some(isEarthquakesTable) ? given.tables : [...given.tables, earthquakesTable]
  const server = await startHere({ ...given, functions, tables }, demoLogger(world))
  return { ...server, dataFolder: given.dataFolder, stop: () => server.close() }
}

/** Tells what goes wrong. The rest the demo tells itself, and the records that are meant to fail too. */
function demoLogger({ stderr }: CliWorld): Logger {
  const shown = createLogger({ level: "warn", format: "pretty", destination: stderr })
  const write = (line: string) => {
    const { stream, type } = JSON.parse(line)
    if (stream !== partitionedStream.DeliveryStreamName || type !== "processing-failed") relayLine(shown, line)
  }
  return createLogger({ level: "warn", format: "json", destination: { write } })
}

/** The settings that have a server listen at `url`; none when it is the one that everything uses by default. */
function listenFlags(
  url: string,
  byDefault: string,
  [address, port]: readonly [string, string],
): Record<string, string> {
  if (url === byDefault) return {}
  const { hostname, port: given } = new URL(url)
  return { [address]: hostname.replace(/^\[(.*)\]$/, "$1"), [port]: given || "80" }
}

/** Why the server can't read the table of the stream of rows, in its own words; undefined when it can. */
export async function tableProblem(world: CliWorld, server: DemoServer): Promise<string | undefined> {
  if (server.stop !== undefined) return undefined
  const [first = ""] = await readEarthquakes()
  const given = { configuration: rowsStream, records: [Buffer.from(first).toString("base64")] }
  const question = { method: "POST", path: "/preview", body: JSON.stringify(given) } as const
  const { status, body } = await askAdmin(server.adminUrl, question, world.interrupted, [502])
  return status === 200 ? undefined : readRefusal(body)
}

/** Why the server can't run the function of the partitioned stream, in its own words; undefined when it can. */
export async function functionProblem(world: CliWorld, server: DemoServer): Promise<string | undefined> {
  if (server.stop !== undefined) return undefined
  const [first = ""] = await readEarthquakes()
  const given = { configuration: previewedStream, records: [Buffer.from(first).toString("base64")] }
  const question = { method: "POST", path: "/preview", body: JSON.stringify(given) } as const
  const { body } = await askAdmin(server.adminUrl, question, world.interrupted)
  return readPreviewAnswer(body).records[0]?.outcomes[0]?.errorMessage
}

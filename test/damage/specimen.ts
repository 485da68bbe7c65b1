import assert from "node:assert/strict"
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import type { TestContext } from "node:test"
import { type FirehoseClient, StartDeliveryStreamEncryptionCommand } from "@aws-sdk/client-firehose"
import { convertedFlags, convertedStream } from "../support/converted-stream.ts"
import { askAdmin, createStream, describe, firehoseClient, flush, putAttempt } from "../support/firehose.ts"
import { type Attempt, Ledger } from "../support/ledger.ts"
import { type ServerHere, startHere } from "../support/server-here.ts"
import { sortedPrefix } from "../support/sorted-stream.ts"
import { until } from "../support/until.ts"

export const streams = ["orders", "waiting", "sorted"] as const
/** Those that are put into in each life. */
const direct = ["orders", "waiting"] as const
/** Of the servers on a specimen's folder: the function of `sorted`, and its table. */
export const specimenFlags = { functions: convertedFlags[1], tablesFolder: convertedFlags[3] } as const
/** The lives of the server that makes it, by the number of its ingest processes. An ingest process writes partition 1. */
const lives = [0, 1, 0] as const
const putsPerLife = 3
const recordSizes = [100, 0, 300]

/** A file of the data folder. */
export interface DataFile {
  /** From the data folder. */
  readonly file: string
  readonly sizeBytes: number
  /** The acknowledged puts that a log file holds, one frame each; none for any other file. */
  readonly puts: readonly Attempt[]
}

/** The data folder of a stopped server, small, with every kind of file that a server writes. */
export interface Specimen {
  readonly dataFolder: string
  readonly files: readonly DataFile[]
  readonly ledger: Ledger
}

/**
 * Makes a specimen: log files of several lives, one of them written by an ingest process, of which the first one of `orders` is delivered; definitions; checkpoints,
 * that of `waiting` with batches that were decided and could not be delivered; their error log; a certificate with its
 * key; the key file that the last of its log files is sealed with; an object that was not finished.
 */
export async function makeSpecimen(t: TestContext): Promise<Specimen> {
  const folder = await mkdtemp(path.join(tmpdir(), "hydrant-specimen-"))
  t.after(() => rm(folder, { recursive: true }))
  const dataFolder = path.join(folder, "data")
  const ledger = new Ledger()
  const puts = new Map<string, Attempt[]>()
  await mkdir(path.join(dataFolder, "buckets", ".incoming~"), { recursive: true })
  // A file where the bucket's folder should be: nothing can be delivered there.
  await writeFile(path.join(dataFolder, "buckets", "waiting"), "")
  await writeFile(path.join(dataFolder, "buckets", "sorted"), "")
  const processed: Attempt[] = []
  const putTo = [0, 0]
  for (const [life, ingestProcesses] of lives.entries()) {
    const server = await start(dataFolder, { ingestProcesses: `${ingestProcesses}` })
    const client = firehoseClient(server.apiUrl)
    if (life === 0) {
      await createStream(client, "orders")
      await createStream(client, "waiting", {
        BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 },
        CloudWatchLoggingOptions: { Enabled: true, LogGroupName: "failures", LogStreamName: "waiting" },
      })
    }
    if (life === lives.length - 1) await encrypt(client, "waiting")
    if (life === 0) processed.push(...(await fillSpool(server, client, ledger)))
    for (const stream of direct) {
      const before = new Set(await logFilesOf(dataFolder, stream))
      const attempts = Array.from({ length: putsPerLife }, () => ledger.attempt(stream, recordSizes))
      for (const attempt of attempts) ledger.acknowledge(attempt, await putAttempt(client, attempt))
      const [file, ...others] = (await logFilesOf(dataFolder, stream)).filter((one) => !before.has(one))
      assert(file !== undefined && others.length === 0, "the first put of a life begins a log file")
      puts.set(file, attempts)
    }
    // All that is in the log of `waiting` is in its checkpoint, and could not be delivered.
    const partition = ingestProcesses
    const put = (putTo[partition] ?? 0) + putsPerLife * recordSizes.length
    putTo[partition] = put
    await until(async () => (await checkpointOf(dataFolder, "waiting", partition)).includes(`"next":${put},`))
    await until(() => server.log().includes("Not delivered; will be tried again"))
    if (life === 0) await flush(server.adminUrl, ["orders"])
    client.destroy()
    await server.close()
  }
  await (await start(dataFolder, { tls: "self-signed" })).close()
  await rm(path.join(dataFolder, "buckets", "waiting"))
  await rm(path.join(dataFolder, "buckets", "sorted"))
  await writeFile(path.join(dataFolder, "buckets", ".incoming~", "unfinished"), "half an obj")
  const files = await filesBelow(dataFolder)
  const kept = files.filter((file) => !file.startsWith("buckets/orders/"))
  const described = kept.map(async (file) => {
    const { size: sizeBytes } = await stat(path.join(dataFolder, file))
    return { file, sizeBytes, puts: file.startsWith("spool/") ? processed : (puts.get(file) ?? []) }
  })
  return { dataFolder, ledger, files: await Promise.all(described) }
}

/** Makes `sorted`, of which partitions become Parquet, and has records of it processed: some in batches that were decided, and some in buffers that are open. */
async function fillSpool(server: ServerHere, client: FirehoseClient, ledger: Ledger): Promise<readonly Attempt[]> {
  await createStream(client, "sorted", {
    ...convertedStream,
    Prefix: sortedPrefix("rows/"),
    BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
    DynamicPartitioningConfiguration: { Enabled: true },
  })
  const attempts: Attempt[] = []
  const put = async () => {
    const attempt = ledger.attempt("sorted", recordSizes)
    ledger.acknowledge(attempt, await putAttempt(client, attempt))
    attempts.push(attempt)
  }
  await put()
  await put()
  // Its buckets can't be written to: what was put is decided, and stays so.
  await askAdmin(server.adminUrl, "POST", "/streams/sorted/flush?timeout-seconds=1")
  const before = await invocations(server)
  await put()
  await until(async () => (await invocations(server)) > before)
  return attempts
}

/** How often the function was called, whose answers are in the spool when that is counted. */
async function invocations({ adminUrl }: ServerHere): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return Number(/^hydrant_execute_processing_invocations_total\S* (\d+)$/m.exec(text)?.[1] ?? 0)
}

/** A copy of the specimen's folder that ends with the test. */
export async function copyOf(specimen: Specimen, t: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "hydrant-damage-"))
  t.after(() => rm(folder, { recursive: true }))
  await cp(specimen.dataFolder, folder, { recursive: true })
  return folder
}

async function start(dataFolder: string, flags: Readonly<Record<string, string>> = {}): Promise<ServerHere> {
  const outcome = await startHere(dataFolder, { ...specimenFlags, ...flags })
  assert(outcome.kind === "started", `A specimen is made by servers that start: ${JSON.stringify(outcome)}`)
  return outcome.server
}

/** Has a stream's records sealed from now on, with a key of the server's own key file. */
async function encrypt(client: FirehoseClient, stream: string): Promise<void> {
  await client.send(new StartDeliveryStreamEncryptionCommand({ DeliveryStreamName: stream }))
  await until(async () => {
    const { DeliveryStreamEncryptionConfiguration: encryption } = await describe(client, stream)
    return encryption?.Status === "ENABLED"
  })
}

async function logFilesOf(dataFolder: string, stream: string): Promise<string[]> {
  return (await filesBelow(dataFolder)).filter((file) => file.startsWith(`log/${stream}-`))
}

async function checkpointOf(dataFolder: string, stream: string, partition: number): Promise<string> {
  const file = (await filesBelow(dataFolder)).find(
    (one) => one.startsWith(`delivery/${stream}-`) && one.endsWith(`/${partition}.checkpoint`),
  )
  return file === undefined ? "" : readFile(path.join(dataFolder, file), "utf8")
}

/** Every file but sockets, by its path from `folder`. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort()
}

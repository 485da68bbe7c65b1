/**
 * The real process, killed again and again while it takes records in and delivers them. HYDRANT_TEST_KILLS=300 does it more
 * often, HYDRANT_TEST_SEED=N draws the same moments again (the process itself runs as it likes).
 */
import assert from "node:assert/strict"
import { randomInt } from "node:crypto"
import { type TestContext, test } from "node:test"
import { setTimeout as sleep } from "node:timers/promises"
import {
  type ExtendedS3DestinationConfiguration,
  type FirehoseClient,
  UpdateDestinationCommand,
} from "@aws-sdk/client-firehose"
import { createSimulatedRandom, type SimulatedRandom } from "../src/platform/simulated/index.ts"
import { S3Double } from "./s3-double/index.ts"
import { contentsOf, objectsIn, type StoredObject } from "./support/bucket-folder.ts"
import { convertedFlags, convertedStream } from "./support/converted-stream.ts"
import { recordsOf } from "./support/delivered-records.ts"
import { createStream, describe, firehoseClient, flush, putAttempt } from "./support/firehose.ts"
import { Ledger } from "./support/ledger.ts"
import { type RunningServer, type ServerOptions, Stage } from "./support/running-server.ts"
import { sortedBackupBucket, sortedPrefix, sortedStream, sortingFlags } from "./support/sorted-stream.ts"
import { until } from "./support/until.ts"

const killCount = Number(process.env["HYDRANT_TEST_KILLS"] ?? 12)
const seed = Number(process.env["HYDRANT_TEST_SEED"] ?? randomInt(2 ** 31))

/** Small buffers, so that a second of load makes many objects of each stream. */
const streams = {
  plain: { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 1 } },
  zipped: { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 1 }, CompressionFormat: "GZIP", Prefix: "logs/" },
  quick: { BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 }, CompressionFormat: "GZIP" },
  random: {
    BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 900 },
    Prefix: "!{timestamp:yyyy}/!{firehose:random-string}/",
    ErrorOutputPrefix: "!{firehose:error-output-type}/",
  },
  /** Its function answers differently each time, and source records are kept in a bucket of their own. */
  sorted: sortedStream,
  /** Its function makes JSON of records, some of it wrong, and that becomes Parquet. */
  converted: convertedStream,
} satisfies Readonly<Record<string, Partial<ExtendedS3DestinationConfiguration>>>
const streamNames = Object.keys(streams)

/** After how long a server is killed, counted from its start, from when it is ready, or from when it was told to stop. */
const momentMsMax = { starting: 700, running: 1200, stopping: 60 }

/** Where the objects go. */
interface Store {
  readonly settings: Pick<ServerOptions, "flags" | "environment">
  /** Called in each life of the server but the last one. */
  trouble(): void
  /** From here on nothing fails. */
  heal(): void
  objects(bucket: string): Promise<StoredObject[]>
}

test(`Killed at any time, every acknowledged record is in one object of a folder, once (seed ${seed})`, async (t) => {
  const stage = await Stage.open(t)
  const store: Store = {
    settings: {},
    trouble() {},
    heal() {},
    objects: (bucket) => objectsIn(stage.dataFolder, bucket),
  }
  await killing(t, stage, store, Math.ceil((killCount * 2) / 3))
})

test(`Killed at any time while an S3 store fails and loses answers, each is in one object, once (seed ${seed})`, async (t) => {
  const stage = await Stage.open(t)
  const double = await S3Double.start({ buckets: [...streamNames, sortedBackupBucket] })
  t.after(() => double.close())
  const random = createSimulatedRandom(seed)
  const { accessKeyId, secretAccessKey } = double.credentials
  const environment = {
    AWS_ENDPOINT_URL_S3: double.endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  }
  const store: Store = {
    settings: { environment },
    trouble() {
      double.fail({ kind: random.choice(["reset", "garbage", "hang"]) })
      double.fail({ kind: "lose-answer", times: 3 })
      double.fail({ kind: "answer", status: 503, code: "SlowDown", times: random.integer(3) })
    },
    heal: () => double.heal(),
    async objects(bucket) {
      return double.keys(bucket).map((key) => ({ key, bytes: double.object(bucket, key)?.body ?? Buffer.alloc(0) }))
    },
  }
  await killing(t, stage, store, Math.floor(killCount / 3))
})

async function killing(t: TestContext, stage: Stage, store: Store, times: number): Promise<void> {
  const random = createSimulatedRandom(seed)
  const ledger = new Ledger()
  const first = await stage.start(withFunctions(store.settings))
  const client = firehoseClient(first.apiUrl)
  for (const [name, configuration] of Object.entries(streams)) await createStream(client, name, configuration)
  client.destroy()
  const firstLoad = underLoad(first, ledger, random)
  await until(() => ledger.acknowledgedCount >= 100)
  await first.process.end("SIGKILL")
  await firstLoad

  for (let killed = 1; killed < times; killed++) {
    store.trouble()
    const process = await stage.spawn(serverOptions(store, random))
    if (random.chance(0.2)) {
      await sleep(random.fraction() * momentMsMax.starting)
      await process.end("SIGKILL")
      continue
    }
    const load = underLoad(await process.ready(), ledger, random)
    // Soon after the start is when the most happens: what the last life left is delivered again, and its log deleted.
    await sleep(random.fraction() ** 2 * momentMsMax.running)
    if (random.chance(0.3)) {
      process.signal("SIGTERM")
      await sleep(random.fraction() * momentMsMax.stopping)
    }
    await process.end("SIGKILL")
    await load
    if (random.chance(0.2)) await stopGracefully(stage, store, ledger, random)
  }
  store.heal()
  await assertAllDelivered(t, stage, store, ledger)
}

function serverOptions({ settings }: Store, random: SimulatedRandom): ServerOptions {
  const capSeconds = random.choice([0, 1])
  const flags = [
    "--buffer-interval-max-seconds",
    `${capSeconds}`,
    "--segment-bytes",
    "1048576",
    "--shutdown-seconds",
    "2",
    "--ingest-processes",
    `${random.choice([0, 0, 1, 2])}`,
  ]
  return withFunctions({ ...settings, flags })
}

function withFunctions<Options extends Pick<ServerOptions, "flags">>(options: Options): Options {
  return { ...options, flags: [...(options.flags ?? []), ...sortingFlags, ...convertedFlags] }
}

async function stopGracefully(stage: Stage, store: Store, ledger: Ledger, random: SimulatedRandom) {
  const server = await stage.start(serverOptions(store, random))
  const load = underLoad(server, ledger, random)
  await sleep(random.fraction() * momentMsMax.running)
  const { status, output } = await server.process.end("SIGTERM")
  assert.equal(status, 0, output)
  await load
}

/** Puts into all streams, and updates their destinations, until the server does not answer any more. */
async function underLoad(server: Pick<RunningServer, "apiUrl">, ledger: Ledger, random: SimulatedRandom) {
  const client = firehoseClient(server.apiUrl)
  const single = () => [size(random)]
  const batch = () => Array.from({ length: 2 + random.integer(40) }, () => size(random))
  const writers = streamNames.flatMap((stream) => [
    untilGone(() => put(client, ledger, stream, single())),
    untilGone(() => put(client, ledger, stream, batch())),
  ])
  await Promise.all([...writers, untilGone(() => update(client, random))])
  client.destroy()
}

/** Mostly small records; one in a hundred may fill a third of a buffer. */
function size(random: SimulatedRandom): number {
  return random.integer(random.chance(0.01) ? 300_000 : 600)
}

async function put(client: FirehoseClient, ledger: Ledger, stream: string, sizes: readonly number[]) {
  const attempt = ledger.attempt(stream, sizes)
  ledger.acknowledge(attempt, await putAttempt(client, attempt))
}

/** Gives a stream another prefix; its compression stays, and with it the extension that tells how to decode. */
async function update(client: FirehoseClient, random: SimulatedRandom) {
  const name = random.choice(streamNames)
  const updated = `updated-${random.integer(100)}/`
  const { VersionId, Destinations: [destination] = [] } = await describe(client, name)
  await client.send(
    new UpdateDestinationCommand({
      DeliveryStreamName: name,
      CurrentDeliveryStreamVersionId: VersionId,
      DestinationId: destination?.DestinationId,
      ExtendedS3DestinationUpdate: { Prefix: name === "sorted" ? sortedPrefix(updated) : updated },
    }),
  )
  await sleep(random.fraction() * 300)
}

/** Repeats `work` until the connection to the server fails. Any other failure is thrown on. */
async function untilGone(work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await work()
    } catch (error) {
      if (isConnectionFailure(error)) return
      throw error
    }
  }
}

function isConnectionFailure(error: unknown): boolean {
  const codes: readonly unknown[] = ["ECONNREFUSED", "ECONNRESET", "EPIPE"]
  return error instanceof Error && "code" in error && codes.includes(error.code)
}

async function assertAllDelivered(t: TestContext, stage: Stage, store: Store, ledger: Ledger) {
  const server = await stage.start(withFunctions(store.settings))
  await flush(server.adminUrl, streamNames)
  const { status, output } = await server.process.end("SIGTERM")
  assert.equal(status, 0, output)

  let objectCount = 0
  const delivered = new Map<string, ReturnType<typeof contentsOf>>()
  for (const name of streamNames) {
    const objects = await store.objects(name)
    for (const { key } of objects) assertKey(name, key)
    delivered.set(name, await recordsOf(objects))
    objectCount += objects.length
  }
  ledger.assertDelivered(delivered)
  // The source records of that stream are all in its backup, too.
  ledger.assertDelivered(new Map([...delivered, ["sorted", contentsOf(await store.objects(sortedBackupBucket))]]))
  t.diagnostic(`${ledger.acknowledgedCount} records were acknowledged, and are in ${objectCount} objects`)
}

/** spec/s3.md, section 1. */
function assertKey(stream: string, key: string) {
  const moment = String.raw`\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d`
  const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
  const hour = String.raw`\d{4}/\d\d/\d\d/\d\d/`
  const sorted = String.raw`(sorted|updated-\d+)/(red|green|blue)/|errors/processing-failed/`
  const rows = `rows/${hour}|errors/format-conversion-failed/`
  const prefix = String.raw`(${sorted}|${rows}|${hour}|(logs|updated-\d+)/${hour}|\d{4}/[0-9a-f-]{11}/)`
  const extension = stream === "zipped" || stream === "quick" ? String.raw`\.gz` : String.raw`(\.parquet)?`
  assert.match(key, new RegExp(String.raw`^${prefix}${stream}-\d+-${moment}-${uuid}${extension}$`))
}

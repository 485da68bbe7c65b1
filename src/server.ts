/**
 * The composition root: settings in, running server out. Every part is made here and handed what it needs; no part looks
 * for another one by itself.
 */
import path from "node:path"
import { type AdminParts, createAdmin, type Health } from "./admin/index.ts"
import { createApi, declareStreams, operationsFor, readDefinition } from "./api/index.ts"
import { readCredentialsFile, type Settings, type SigningCredential } from "./config/index.ts"
import { DeliveryThread, spawnDeliveryThread } from "./delivery-thread/index.ts"
import { destinationKinds } from "./destinations/index.ts"
import { listen } from "./http-listener.ts"
import { type Quota, type QuotaLimits, showQuotaLimits } from "./ingest/index.ts"
import { forkIngestProcess, IngestProcesses } from "./ingest-processes/index.ts"
import { Keys } from "./keys/index.ts"
import { FollowedLog } from "./log/index.ts"
import { openMasterKeys } from "./master-keys.ts"
import { createMetrics, type Logger, type Metrics } from "./observe/index.ts"
import {
  type Disk,
  type FolderLock,
  lockFolder,
  readFileIfThere,
  systemClock,
  systemDisk,
  systemRandom,
} from "./platform/index.ts"
import { identityOf, openPutPath } from "./put-path.ts"
import { StreamLifecycle } from "./stream-lifecycle.ts"
import { type Catalog, openLocalCatalog, streamArn } from "./streams/index.ts"
import { openTables } from "./tables/index.ts"
import { apiCertificate } from "./tls-certificate.ts"

export interface RunningServer {
  readonly apiUrl: string
  readonly adminUrl: string
  /** Takes no more requests, finishes those under way, and stops delivery where it can go on at the next start. */
  close(): Promise<void>
}

/** Steps of streams take milliseconds, unless what they wait for hangs. */
const stepsGraceMsMin = 2000
/** Of each operation that puts no records, with `quotas aws`: spec/api.md, section 4. */
const awsCallsPerSecond = 5

/**
 * Starts a server on this machine's disk, clock and network.
 * @throws Error when it can't start; nothing stays open then
 */
export async function startServer(settings: Settings, { logger }: { readonly logger: Logger }): Promise<RunningServer> {
  const opened: (() => Promise<void>)[] = []
  try {
    return await start(settings, logger, opened)
  } catch (error) {
    await closeAll(opened)
    throw error
  }
}

/** `opened` takes the closing of each thing that was opened, in order. */
async function start(settings: Settings, logger: Logger, opened: (() => Promise<void>)[]): Promise<RunningServer> {
  const [clock, random, disk] = [systemClock, systemRandom, systemDisk]
  const lock = await takeDataFolder(settings.dataFolder)
  opened.push(() => lock.release())
  const inData = (name: string) => path.join(settings.dataFolder, name)

  let health = (): Health => ({ kind: "unready", reason: "The server is starting" })
  const credentials = await loadCredentials(settings)
  const identity = identityOf(settings)
  const tls = await apiCertificate(settings, disk, clock)
  // Before anything is started that takes the declared ones as right.
  const tables = openTables(settings, { clock, disk })
  opened.push(() => tables.close())
  const metrics = createMetrics(() => delivery.gauges())
  // It loads its program while the rest of this happens.
  const delivery = new DeliveryThread({ settings, spawn: spawnDeliveryThread, clock, metrics, logger })
  opened.push(() => delivery.close(0))
  const catalog = await openLocalCatalog({
    disk,
    folder: inData("catalog"),
    clock,
    random,
    identity,
    streamsMax: settings.streamsMax,
  })
  const masterKeys = await openMasterKeys(settings, { disk, random, catalog, logger })
  const keys = new Keys({ clock, random, wrapper: masterKeys.wrapper, metrics, logger })
  opened.push(async () => {
    await masterKeys.close()
    await keys.settled()
  })
  const putPath = await openPutPath({ settings, credentials, disk, clock, random, logger, metrics })
  const { log, ingest, quota, quotaLimits: limits } = putPath
  opened.push(() => log.close())
  const destinations = destinationKinds(settings.extensions ?? new Set())
  const { handler, lane, perform } = createApi({
    ...putPath,
    catalog,
    callsPerSecondMax: settings.quotas === "aws" ? awsCallsPerSecond : undefined,
    keys,
    destinations,
    tables,
    operations: operationsFor(destinations),
    clock,
    metrics,
    logger,
    streamsMax: settings.streamsMax,
    random,
  })
  const followedLog = new FollowedLog({ disk, folder: inData("log") })
  const processes = await IngestProcesses.start({
    count: settings.ingestProcesses,
    start: { settings, credentials, tls },
    spawn: forkIngestProcess,
    clock,
    logger,
    server: {
      perform: ({ operation, body }) => perform(operation, body),
      counted: async (delta) => metrics.merge(delta),
    },
    follow: (stream, partition, source) =>
      followedLog.follow({ streamUid: stream.uid, partition }, keys.of(stream), source),
  })
  opened.push(() => processes.close())
  // Requests and deliveries under way share the time that a stop may take; a start that fails has none to wait for.
  let stopByMs = 0
  const graceMs = () => Math.max(0, stopByMs - clock.elapsed())
  await delivery.started
  const lifecycle = new StreamLifecycle({ clock, catalog, keys, log, ingest, processes, delivery, logger })
  opened.push(async () => {
    // After the requests that change streams, and before the delivery that these steps start.
    await lifecycle.close(Math.max(graceMs(), stepsGraceMsMin))
    await delivery.close(graceMs())
    await processes.close()
    // What waited for a thread or a process that hangs has failed by now, and comes again at the next start.
    await lifecycle.settled()
  })

  const admin = await listen({
    address: settings.adminListenAddress,
    port: settings.adminListenPort,
    tls: undefined,
    handler: createAdmin({
      catalog,
      delivery,
      metrics,
      clock,
      logger,
      readDefinition: (given) => asPreviewed(readDefinition(destinations, given), identity),
      health: () => health(),
    }),
  })
  opened.push(() => admin.close(Promise.resolve()))
  await tellOfLogsWithoutStream(disk, settings.dataFolder, catalog, logger)
  await lifecycle.start()
  await declareStreams({ catalog, clock, destinations }, settings.streams)
  await lifecycle.settled()
  followStreams(catalog, { quota, metrics, limits })
  const api = await listen({
    address: settings.listenAddress,
    port: settings.listenPort,
    tls,
    handler,
    lane,
    connections: putPath.connections,
    giveAway: (socket) => processes.take(socket),
  })
  opened.push(async () => {
    const closed = new AbortController()
    await Promise.all([api.close(clock.sleep(graceMs(), closed.signal)), processes.drain(graceMs())])
    closed.abort()
  })
  health = () => ({ kind: "ready", problems: [...delivery.problems, ...lifecycle.problems] })
  const streams = catalog.list().length
  logger.info({ api: api.url, admin: admin.url, dataFolder: settings.dataFolder, streams }, "Hydrant is ready")

  let closing: Promise<void> | undefined
  const close = async () => {
    health = () => ({ kind: "unready", reason: "The server is stopping" })
    stopByMs = clock.elapsed() + settings.shutdownSeconds * 1000
    logger.info("Hydrant is stopping: requests under way are answered, what is not delivered is kept")
    await closeAll(opened)
    logger.info("Hydrant has stopped")
  }
  return {
    apiUrl: api.url,
    adminUrl: admin.url,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

/** Closes what was opened, the last one first: requests before the log that they write to, the lock at the very end. */
async function closeAll(opened: readonly (() => Promise<void>)[]) {
  for (const close of opened.toReversed()) await close()
}

async function takeDataFolder(folder: string): Promise<FolderLock> {
  await systemDisk.makeFolder(folder)
  const lock = await lockFolder(folder)
  if (lock !== "taken") return lock
  throw new Error(
    `another server uses the data folder "${folder}". Stop it, or give this one another folder with --data-folder`,
  )
}

/** A stream's log goes before its definition does: one without a definition has lost it. */
async function tellOfLogsWithoutStream(disk: Disk, dataFolder: string, catalog: Catalog, logger: Logger) {
  const uids = new Set(catalog.list().map(({ uid }) => uid))
  for (const uid of await disk.list(path.join(dataFolder, "log"))) {
    if (uids.has(uid)) continue
    const [log, definition] = [path.join(dataFolder, "log", uid), path.join(dataFolder, "catalog", `${uid}.json`)]
    logger.error(
      { log, definition },
      "A log belongs to no delivery stream: restore its definition and start again to have its records delivered, or remove the log",
    )
  }
}

async function loadCredentials(settings: Settings): Promise<ReadonlyMap<string, SigningCredential> | undefined> {
  if (settings.credentials === undefined) return undefined
  const content = await readFileIfThere(systemDisk, settings.credentials)
  if (content === undefined) throw new Error(`there is no credentials file "${settings.credentials}"`)
  const outcome = readCredentialsFile({ name: settings.credentials, text: content.toString() })
  if (outcome.kind === "refused") throw new Error(outcome.problems.join("; "))
  return outcome.credentials
}

/** As it would be in its first version. */
function asPreviewed(
  read: ReturnType<typeof readDefinition>,
  identity: ReturnType<typeof identityOf>,
): ReturnType<AdminParts["readDefinition"]> {
  if (read.kind === "refused") return read
  const { name, destination } = read.stream
  return { kind: "read", stream: { name, destination, arn: streamArn(identity, name), version: 1 } }
}

interface StreamQuotas {
  readonly quota: Quota
  readonly metrics: Metrics
  readonly limits: QuotaLimits
}

/** Shows the limits of each stream, those that come later too, and keeps nothing of those that go. */
function followStreams(catalog: Catalog, { quota, metrics, limits }: StreamQuotas) {
  for (const { name } of catalog.list()) showQuotaLimits(metrics, name, limits)
  catalog.onChange((now, before) => {
    if (now === undefined && before !== undefined) {
      quota.forget(before.uid)
      // Again: what was still being put when its delivery stopped has counted itself since.
      metrics.forget(before.name)
    }
    if (now !== undefined && before === undefined) showQuotaLimits(metrics, now.name, limits)
  })
}

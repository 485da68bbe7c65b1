/**
 * The composition root of the delivery thread: it reads the log's files by itself and delivers what is in them. Who writes
 * them, and the keys, are asked by way of the main thread. delivery-thread/spawn.ts starts it.
 */
import os from "node:os"
import path from "node:path"
import { parentPort } from "node:worker_threads"
import { type Channel, connect } from "./calls/index.ts"
import type { Settings } from "./config/index.ts"
import { RowSchemaFolder } from "./conversion/index.ts"
import { createDelivery } from "./delivery/index.ts"
import { type DeliveryProcedures, FollowedStreams, type MainProcedures } from "./delivery-thread/index.ts"
import { destinationKinds } from "./destinations/index.ts"
import { createFunctions, type Functions } from "./functions/index.ts"
import { FollowedLog } from "./log/index.ts"
import { createFolderStore, type ObjectStore, openS3Store } from "./objects/index.ts"
import { createErrorLog, createLogger, createMetricsRelay, type Logger } from "./observe/index.ts"
import { systemClock, systemDisk, systemRandom } from "./platform/index.ts"
import { createJqThreads } from "./processors/index.ts"
import { openTables } from "./tables/index.ts"
import { createWorkerThreads } from "./workers/index.ts"

/** How often the main thread learns what was counted. */
const countedMs = 250
const s3ConnectTimeoutMs = 10_000
/** What Lambda gives a function when nothing is asked for is half of that. */
const functionMemoryBytes = 256 * 1024 * 1024
/** One request carries at most 8 MiB. */
const s3RequestTimeoutMs = 120_000

const main = connect<MainProcedures, DeliveryProcedures>(channelToMain(), procedures(), "The main thread")

function channelToMain(): Channel {
  const port = parentPort
  if (port === null) throw new Error("This program is a thread's: delivery-thread/spawn.ts starts it")
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on("message", listener),
    onClose: (listener) => void port.once("close", listener),
  }
}

function procedures(): DeliveryProcedures {
  let beginning: ReturnType<typeof begin> | undefined
  const begun = () => beginning ?? Promise.reject(new Error("The delivery thread has not begun"))
  const flushes = new Map<number, AbortController>()
  const previews = new Map<number, AbortController>()
  return {
    async begin(settings) {
      beginning = begin(settings)
      await beginning
    },
    async start({ stream, partitions }) {
      const { delivery, streams } = await begun()
      await delivery.start(stream, streams.follow(stream.uid, partitions))
    },
    update: async (stream) => (await begun()).delivery.update(stream),
    async stop({ streamUid }) {
      const { delivery, streams, tellCounted } = await begun()
      await delivery.stop(streamUid)
      streams.forget(streamUid)
      tellCounted()
    },
    forget: async ({ streamUid }) => (await begun()).delivery.forget(streamUid),
    grew: async (partitions) => (await begun()).streams.grow(partitions),
    async flush({ streamName, flushId }) {
      const { delivery, tellCounted } = await begun()
      const over = new AbortController()
      flushes.set(flushId, over)
      const outcome = await delivery.flush(streamName, over.signal).finally(() => flushes.delete(flushId))
      // Whoever reads the answer may look at the metrics next.
      tellCounted()
      return outcome
    },
    endFlush: async ({ flushId }) => flushes.get(flushId)?.abort(),
    async preview({ previewId, ...request }) {
      const { delivery } = await begun()
      const over = new AbortController()
      previews.set(previewId, over)
      return delivery.preview(request, over.signal).finally(() => previews.delete(previewId))
    },
    endPreview: async ({ previewId }) => previews.get(previewId)?.abort(),
    async gauges() {
      const { metrics, tellCounted } = await begun()
      tellCounted()
      return metrics.gauges()
    },
    close: async ({ graceMs }) => (await begun()).close(graceMs),
  }
}

async function begin(settings: Settings) {
  const [clock, random, disk] = [systemClock, systemRandom, systemDisk]
  const inData = (name: string) => path.join(settings.dataFolder, name)
  const write = (line: string) => main.tell("logged", line)
  const logger = createLogger({ level: settings.logLevel, format: "json", destination: { write } })
  const metrics = createMetricsRelay()
  const tellCounted = () => {
    const delta = metrics.take()
    if (delta !== undefined) main.tell("counted", delta)
  }
  const objects = await openObjectStore(settings)
  const errorLog = createErrorLog({ disk, folder: inData("error-logs"), clock, logger })
  const threadsMax = settings.workerThreads ?? Math.max(1, os.availableParallelism() - 1)
  const workers = createWorkerThreads({
    threadsMax,
    onFailure: (err) => logger.error({ err }, "A worker thread came to an end; another one takes its place"),
  })
  const functions = openFunctions(settings, logger)
  const tables = openTables(settings, { clock, disk })
  const jq = createJqThreads({ threadsMax })
  const capSeconds = settings.bufferIntervalMaxSeconds
  const delivery = createDelivery({
    disk,
    folder: inData("delivery"),
    spoolFolder: inData("spool"),
    clock,
    random,
    metrics,
    logger,
    errorLog,
    kinds: destinationKinds(settings.extensions ?? new Set()),
    world: {
      objects,
      random,
      workers,
      processors: {
        clock,
        random,
        logger,
        functions,
        jq,
        extensions: { oneToMany: settings.extensions?.has("one-to-many") ?? false },
      },
      tables,
      rowSchemas: new RowSchemaFolder(disk, inData("row-schemas")),
    },
    limits: {
      intervalMsMax: capSeconds === undefined ? undefined : capSeconds * 1000,
      retentionMs: settings.retentionHours * 3_600_000,
    },
  })
  const counting = setInterval(tellCounted, countedMs)
  return {
    delivery,
    streams: new FollowedStreams(new FollowedLog({ disk, folder: inData("log") }), main),
    metrics,
    tellCounted,
    async close(graceMs: number) {
      await delivery.close(graceMs)
      await functions.close()
      await tables.close()
      await jq.close()
      await workers.close()
      await objects.close()
      await errorLog.close()
      clearInterval(counting)
      tellCounted()
    },
  }
}

function openFunctions(settings: Settings, logger: Logger): Functions {
  const { functions, functionTimeoutSeconds, lambdaEndpoint, region } = settings
  return createFunctions({
    clock: systemClock,
    random: systemRandom,
    logger,
    mapped: functions ?? new Map(),
    timeoutMs: functionTimeoutSeconds * 1000,
    memoryBytesMax: functionMemoryBytes,
    lambda: lambdaEndpoint === undefined ? undefined : { endpoint: lambdaEndpoint, region },
  })
}

/** Buckets are folders under the data folder, unless a store is named. */
function openObjectStore(settings: Settings): Promise<ObjectStore> {
  if (settings.s3Endpoint === undefined) {
    const folder = path.join(settings.dataFolder, "buckets")
    return createFolderStore({ disk: systemDisk, folder, random: systemRandom })
  }
  return openS3Store({
    region: settings.region,
    endpoint: settings.s3Endpoint,
    forcePathStyle: settings.s3PathStyle,
    requestChecksumCalculation: settings.s3ChecksumCalculation,
    connectTimeoutMs: s3ConnectTimeoutMs,
    requestTimeoutMs: s3RequestTimeoutMs,
  })
}

/**
 * The composition root of an ingest process: it takes puts on connections that the server's process gives to it, and stores
 * them in a partition of its own of each stream. What is not a put for a stream that it knows is performed by the server's
 * process. ingest-processes/fork.ts starts it; it ends with the process that did.
 */

import { Socket } from "node:net"
import path from "node:path"
import { setImmediate } from "node:timers/promises"
import { createApi, forwardingOperations } from "./api/index.ts"
import { type Channel, connect } from "./calls/index.ts"
import { destinations } from "./destinations/index.ts"
import { createFront } from "./http-front.ts"
import {
  type IngestProcedures,
  type IngestProcessStart,
  KnownStreams,
  PartitionWriter,
  type ServerProcedures,
} from "./ingest-processes/index.ts"
import { Keys } from "./keys/index.ts"
import { openMasterKeys } from "./master-keys.ts"
import { createLogger, createMetricsRelay } from "./observe/index.ts"
import { type FolderLock, lockFolder, systemClock, systemDisk, systemRandom } from "./platform/index.ts"
import { openPutPath } from "./put-path.ts"
import { noTables } from "./tables/index.ts"

const channel: Channel = {
  send: (message) => void process.send?.(message),
  onMessage: (listener) => void process.on("message", (message) => listener(message)),
  onClose: (listener) => void process.once("disconnect", listener),
}

/** How often the server's process learns what was counted. */
const countedMs = 250
/** An ingest process of a server that was killed ends with it, at once; this long the next one waits for that. */
const predecessorMsMax = 10_000
const predecessorLookMs = 50

const server = connect<ServerProcedures, IngestProcedures>(channel, procedures(), "The server's process")

// The server's process is told to stop, and tells this one when; but what a terminal or a service manager sends comes here too.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {})
// Without it nobody reads what is stored here, and the next one will open it.
process.once("disconnect", () => process.exit())

function procedures(): IngestProcedures {
  let starting: ReturnType<typeof start> | undefined
  const started = () => starting ?? Promise.reject(new Error("The ingest process was not started"))
  process.on("message", (_message, handle) => {
    // Before the start is over no connection is given.
    if (handle instanceof Socket) void starting?.then(({ front }) => front.accept(handle))
  })
  return {
    async start(given) {
      starting = start(given)
      await starting
    },
    open: async ({ stream, usedThrough }) => (await started()).writer.open(stream, usedThrough),
    admit: async (stream) => (await started()).writer.admit(stream),
    dismiss: async ({ streamUid }) => (await started()).dismiss(streamUid),
    extent: async ({ streamUid }) => (await started()).writer.extent(streamUid),
    trim: async (place) => (await started()).writer.trim(place),
    skipTo: async (place) => (await started()).writer.skipTo(place),
    drain: async ({ graceMs }) => (await started()).front.close(systemClock.sleep(graceMs)),
    async close() {
      await (await started()).close()
    },
  }
}

async function start({ number, settings, credentials, tls }: IngestProcessStart) {
  const [clock, random, disk] = [systemClock, systemRandom, systemDisk]
  const destination = process.stdout
  const format = settings.logFormat === "auto" ? (destination.isTTY ? "pretty" : "json") : settings.logFormat
  const logger = createLogger({ level: settings.logLevel, format, destination }).child({ ingestProcess: number })
  const lock = await takePartition(path.join(settings.dataFolder, "ingest", String(number)))
  const metrics = createMetricsRelay()
  const putPath = await openPutPath({ settings, credentials, disk, clock, random, logger, metrics })
  const streams = new KnownStreams()
  const masterKeys = await openMasterKeys(settings, { disk, random, catalog: streams, logger })
  const keys = new Keys({ clock, random, wrapper: masterKeys.wrapper, metrics, logger })
  const writer = new PartitionWriter({
    streams,
    keys,
    log: putPath.log,
    ingest: putPath.ingest,
    clock,
    partition: number,
    onGrowth: (grown) => server.call("grew", grown),
  })
  const perform = (operation: string, body: Buffer) => server.call("perform", { operation, body })
  const { handler, lane } = createApi({
    ...putPath,
    catalog: streams,
    keys,
    operations: forwardingOperations(destinations, perform),
    // Counted where the operations are performed.
    callsPerSecondMax: undefined,
    destinations,
    tables: noTables,
    clock,
    metrics,
    logger,
    random,
    streamsMax: settings.streamsMax,
  })
  const tellCounted = () => {
    const delta = metrics.take()
    if (delta !== undefined) server.tell("counted", delta)
  }
  const counting = setInterval(tellCounted, countedMs)
  logger.info({ ingestPid: process.pid }, "An ingest process takes puts")
  return {
    front: createFront({ tls, handler, lane, connections: putPath.connections }),
    writer,
    async dismiss(streamUid: string) {
      await writer.dismiss(streamUid)
      putPath.quota.forget(streamUid)
      // Its last puts count themselves when they are answered. What is told later is counted for the next stream of the name.
      await setImmediate()
      tellCounted()
    },
    async close() {
      clearInterval(counting)
      const delta = metrics.take()
      if (delta !== undefined) await server.call("counted", delta)
      await writer.close()
      await masterKeys.close()
      await keys.settled()
      await lock.release()
    },
  }
}

/** Waits until no process of an earlier life of the server writes the partition any more. */
async function takePartition(folder: string): Promise<FolderLock> {
  await systemDisk.makeFolder(folder)
  const startMs = systemClock.elapsed()
  for (;;) {
    const lock = await lockFolder(folder)
    if (lock !== "taken") return lock
    if (systemClock.elapsed() - startMs > predecessorMsMax) {
      throw new Error(
        `An ingest process of an earlier server still holds "${folder}": end it, and start the server again`,
      )
    }
    await systemClock.sleep(predecessorLookMs)
  }
}

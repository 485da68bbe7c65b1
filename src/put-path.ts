/** What a process that takes puts is made of, whether it is the server's own or one beside it. */
import path from "node:path"
import { ByteBudget, createAuthenticate, createQuickAuthenticate } from "./api/index.ts"
import type { Settings, SigningCredential } from "./config/index.ts"
import { awsQuotaLimits, createQuota, LogIngest, type QuotaLimits } from "./ingest/index.ts"
import { openLocalLog } from "./log/index.ts"
import { type Logger, type Metrics, occasionalWarning } from "./observe/index.ts"
import type { Clock, Disk, Random } from "./platform/index.ts"

export interface PutPathParts {
  readonly settings: Settings
  readonly credentials: ReadonlyMap<string, SigningCredential> | undefined
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly metrics: Pick<Metrics, "event">
}

/** A segment that was begun an hour ago is followed by a new one, so that little is kept of what was delivered. */
const segmentAgeMsMax = 3_600_000

/** What the requests of one process may take at least, however many share: the largest must have room, or it never has. */
const requestBytesMin = 8 * 1024 * 1024

/** Opens the log, and makes what leads to it. Limits of the whole server are shared evenly by its ingest processes. */
export async function openPutPath({ settings, credentials, disk, clock, random, logger, metrics }: PutPathParts) {
  const share = (limit: number) => Math.ceil(limit / Math.max(1, settings.ingestProcesses))
  const folder = path.join(settings.dataFolder, "log")
  await disk.makeFolder(folder)
  const log = openLocalLog({
    disk,
    folder,
    clock,
    random,
    limits: {
      segmentBytesMax: settings.segmentBytes,
      segmentAgeMsMax,
      queueBytesMax: share(settings.appendQueueBytes),
      queueAgeMsMax: settings.appendQueueSeconds * 1000,
    },
    onNote: (name, note) => logger.warn({ ...name }, note),
  })
  const limits = quotaLimits(settings)
  const warnOfConnections = occasionalWarning(
    { clock, logger },
    { message: "Closed new connections: there are as many as connections-max allows", countName: "closedConnections" },
  )
  const signing = { credentials, region: settings.region, service: "firehose", clock } as const
  return {
    log,
    ingest: new LogIngest({ disk, folder, clock, freeBytesMin: settings.diskFreeBytesMin }),
    quotaLimits: limits,
    quota: createQuota(
      {
        recordsPerSecond: limits.recordsPerSecond && share(limits.recordsPerSecond),
        requestsPerSecond: limits.requestsPerSecond && share(limits.requestsPerSecond),
        bytesPerSecond: limits.bytesPerSecond && share(limits.bytesPerSecond),
      },
      clock,
    ),
    identity: identityOf(settings),
    authenticate: createAuthenticate(signing),
    authenticateQuickly: createQuickAuthenticate(signing),
    openToPages: credentials !== undefined,
    connections: {
      countMax: share(settings.connectionsMax),
      onRefused() {
        metrics.event("Hydrant.ConnectionsRefused")
        warnOfConnections({ connectionsMax: settings.connectionsMax })
      },
    },
    requestBudget: new ByteBudget(Math.max(requestBytesMin, share(settings.requestBytesMax))),
  }
}

/** Where the server claims to be: the parts of its streams' ARNs. */
export function identityOf({ region, accountId }: Settings) {
  return { partition: "aws", region, accountId }
}

/** What each stream takes: numbers that are set by themselves overrule those of AWS. */
function quotaLimits(settings: Settings): QuotaLimits {
  const aws = settings.quotas === "aws" ? awsQuotaLimits(settings.region) : undefined
  return {
    recordsPerSecond: settings.quotaRecordsPerSecond ?? aws?.recordsPerSecond,
    requestsPerSecond: settings.quotaRequestsPerSecond ?? aws?.requestsPerSecond,
    bytesPerSecond: settings.quotaBytesPerSecond ?? aws?.bytesPerSecond,
  }
}

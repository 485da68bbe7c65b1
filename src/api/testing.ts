/** For tests: the API on a port of its own, over a real catalog, with an ingest and a destination that are small and quick. */
import assert from "node:assert/strict"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import { tmpdir } from "node:os"
import path from "node:path"
import type { TestContext } from "node:test"
import { FirehoseClient } from "@aws-sdk/client-firehose"
import type { DestinationKind, DestinationView } from "../destinations/index.ts"
import { type Ingest, type PutOutcome, type RecordBatch, type RecordIds, unlimited } from "../ingest/index.ts"
import type { Logger, Metrics } from "../observe/index.ts"
import { type Clock, systemClock, systemDisk, systemRandom } from "../platform/index.ts"
import { type JsonObject, optional, string, structure } from "../shapes/index.ts"
import { type Catalog, openLocalCatalog, type StreamDefinition } from "../streams/index.ts"
import { noTables } from "../tables/index.ts"
import { type Api, type ApiParts, ByteBudget, createApi, operationsFor } from "./index.ts"

const identity = { partition: "aws", region: "eu-central-1", accountId: "123456789012" }

export interface TestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface TestApi {
  /** What the server is made of. */
  readonly api: Api
  readonly server: Server
  readonly port: number
  readonly url: string
  readonly catalog: Catalog
  readonly ingest: MemoryIngest
  readonly metrics: RecordedMetrics
  readonly logger: RecordedLogger
  readonly clock: SetClock
  /** The real SDK, which makes one attempt. */
  readonly client: FirehoseClient
  /** Sends a body, or a value as JSON, as clients do. */
  call(operation: string, body: unknown, headers?: Record<string, string>): Promise<TestAnswer>
  /** Creates a stream over the API and makes it ACTIVE. */
  createActive(name: string): Promise<void>
  /** Gives a stream another status, as its life cycle does. */
  setStatus(name: string, status: StreamDefinition["status"]): Promise<void>
}

/** Starts the API; it ends with the test. `changes` replaces parts. */
export async function startApi(t: TestContext, changes: Partial<ApiParts> = {}): Promise<TestApi> {
  const folder = await mkdtemp(path.join(tmpdir(), "hydrant-api-"))
  t.after(() => rm(folder, { recursive: true }))
  const clock = new SetClock()
  const metrics = new RecordedMetrics()
  const logger = new RecordedLogger()
  const ingest = new MemoryIngest()
  const streamsMax = changes.streamsMax ?? 5000
  const random = systemRandom
  const catalog =
    changes.catalog ?? (await openLocalCatalog({ disk: systemDisk, folder, clock, random, identity, streamsMax }))
  const parts: ApiParts = {
    catalog,
    ingest,
    quota: unlimited,
    callsPerSecondMax: undefined,
    keys: { refusal: async () => undefined },
    tables: noTables,
    destinations: [store, bin],
    operations: operationsFor(changes.destinations ?? [store, bin]),
    identity,
    clock,
    metrics,
    logger,
    streamsMax,
    random,
    authenticate: () => ({ kind: "accepted", accessKeyId: undefined }),
    authenticateQuickly: () => ({ kind: "accepted", accessKeyId: undefined }),
    openToPages: true,
    requestBudget: new ByteBudget(64 * 1024 * 1024),
    ...changes,
  }
  const api = createApi(parts)
  const server = createServer(api.handler)
  const port = await listen(server)
  const url = `http://127.0.0.1:${port}`
  const client = new FirehoseClient({
    endpoint: url,
    region: identity.region,
    credentials: { accessKeyId: "AKID", secretAccessKey: "SECRET" },
    maxAttempts: 1,
  })
  t.after(() => {
    client.destroy()
    server.closeAllConnections()
    server.close()
  })
  const call: TestApi["call"] = (operation, body, headers = {}) =>
    post(url, body, { "x-amz-target": `Firehose_20150804.${operation}`, ...headers })
  const setStatus: TestApi["setStatus"] = async (name, status) => {
    await catalog.change(name, (current) => ({ ...current, status }))
  }
  return {
    api,
    server,
    port,
    url,
    catalog,
    ingest,
    metrics,
    logger,
    clock,
    client,
    call,
    setStatus,
    async createActive(name) {
      const { status, text } = await call("CreateDeliveryStream", {
        DeliveryStreamName: name,
        ExtendedS3DestinationConfiguration: storeConfiguration,
      })
      assert.equal(status, 200, text)
      await setStatus(name, { kind: "ACTIVE" })
    },
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  assert.ok(typeof address === "object" && address !== null)
  return address.port
}

async function post(url: string, body: unknown, headers: Record<string, string>): Promise<TestAnswer> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", ...headers },
    body: typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
  })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

/** What a kind of destination needs at least, in the tests' own. */
export const storeConfiguration = {
  RoleARN: "arn:aws:iam::123456789012:role/writer",
  BucketARN: "arn:aws:s3:::logs",
}

const storeMembers = {
  RoleARN: string("Who writes."),
  BucketARN: string("Where to."),
  Prefix: optional(string("Before.")),
}

/** A view of a destination that keeps what it is given, and refuses one prefix. */
function storeView(name: string): DestinationView {
  const { RoleARN, BucketARN, Prefix } = storeMembers
  const checked = (stored: JsonObject) =>
    stored["Prefix"] === "!{"
      ? ({ kind: "invalid", message: "Prefix is not an expression" } as const)
      : ({ kind: "valid", stored } as const)
  return {
    configurationMember: `${name}DestinationConfiguration`,
    updateMember: `${name}DestinationUpdate`,
    descriptionMember: `${name}DestinationDescription`,
    configuration: structure("Configuration.", storeMembers),
    update: structure("Update.", { RoleARN: optional(RoleARN), BucketARN: optional(BucketARN), Prefix }),
    description: structure("Description.", storeMembers),
    create: (given) => checked({ Prefix: "default/", ...given }),
    merge: (stored, given) => checked({ ...stored, ...given }),
    describe: (stored) => stored,
  }
}

function kindOf(name: string, views: readonly string[]): DestinationKind {
  return {
    name,
    metricsName: "DeliveryToS3",
    supports: { idempotent: true },
    views: views.map(storeView),
    open: () => assert.fail("The API opens no destination"),
  }
}

/** A kind that is shown in two views, as the S3 one is. */
const store = kindOf("store", ["S3", "ExtendedS3"])
/** Another kind, with one view, which looks for what is never there when its prefix says so. */
const bin: DestinationKind = {
  ...kindOf("bin", ["Bin"]),
  verify: async ({ Prefix }) => (Prefix === "missing/" ? "There is no missing/" : undefined),
}

/** Keeps records in memory. */
class MemoryIngest implements Ingest {
  readonly records = new Map<string, Buffer[]>()
  /** What every put is answered with instead of storing its records. */
  refusal: Exclude<PutOutcome, { kind: "stored" }> | undefined
  #count = 0

  async put(stream: StreamDefinition, { lengths, data }: RecordBatch): Promise<PutOutcome> {
    if (this.refusal !== undefined) return this.refusal
    const kept = this.records.get(stream.name) ?? []
    let end = 0
    const records = [...lengths].map((length) => {
      end += length
      return Buffer.from(data.subarray(end - length, end))
    })
    this.records.set(stream.name, [...kept, ...records])
    const ids = records.map(() => String(this.#count++).padStart(36, "A"))
    return { kind: "stored", recordIds: idsOf(ids), sealed: false }
  }

  texts(streamName: string): string[] {
    return (this.records.get(streamName) ?? []).map(String)
  }
}

/** Ids that a test made. */
export function idsOf(ids: readonly string[]): RecordIds {
  return { count: ids.length, joined: (separator) => ids.join(separator) }
}

/** Adds up what is counted. */
class RecordedMetrics implements Metrics {
  readonly counts: Record<string, number> = {}
  readonly latencies: string[] = []

  add(name: string, streamName: string, amount: number): void {
    const key = `${streamName} ${name}`
    this.counts[key] = (this.counts[key] ?? 0) + amount
  }
  event(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1
  }
  latency(name: string, durationMs: number): void {
    assert.ok(durationMs >= 0)
    this.latencies.push(name)
  }
  gauge(): void {}
  forget(): void {}
  async expose() {
    return { contentType: "text/plain", text: "" }
  }
}

/** Keeps what is logged. */
export class RecordedLogger implements Logger {
  readonly lines: { readonly level: string; readonly fields: unknown; readonly message: string | undefined }[] = []
  readonly debug = this.#at("debug")
  readonly info = this.#at("info")
  readonly warn = this.#at("warn")
  readonly error = this.#at("error")
  readonly fatal = this.#at("fatal")

  at(level: string) {
    return this.lines.filter((line) => line.level === level)
  }
  child(): Logger {
    return this
  }
  #at(level: string) {
    return (fields: unknown, message?: string) => void this.lines.push({ level, fields, message })
  }
}

/** A clock that a test sets. */
export class SetClock implements Clock {
  nowMs = 1_534_313_835_031
  elapsedMs = 0
  /** How often somebody began to wait. */
  sleeps = 0

  now(): number {
    return this.nowMs
  }
  elapsed(): number {
    return this.elapsedMs
  }
  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    this.sleeps++
    return systemClock.sleep(durationMs, signal)
  }
}

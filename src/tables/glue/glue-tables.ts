import {
  GetTableCommand,
  type GetTableCommandOutput,
  GetTableVersionCommand,
  GlueClient,
  type GlueClientConfig,
} from "@aws-sdk/client-glue"
import type { Clock } from "../../platform/index.ts"
import { readShape } from "../../shapes/index.ts"
import { glueTable, writtenColumn } from "../glue-table.ts"
import { KeptAnswers } from "../kept-answers.ts"
import { TableError } from "../table-error.ts"
import { tableOf } from "../table-of.ts"
import type { TableSource } from "../table-source.ts"
import { latestVersion, type Table, type TableReference } from "../tables.ts"
import { glueError } from "./glue-error.ts"

export interface GlueSettings {
  /** URL of AWS Glue, or of a service that speaks its protocol. */
  readonly endpoint: string
  /** Of tables that name none. */
  readonly region: string
  readonly clock: Pick<Clock, "elapsed">
  /** Without them: environment, shared files, container, instance, as all AWS clients look for them. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** Until a request is answered. */
  readonly requestTimeoutMs?: number
}

const connectTimeoutMs = 2_000
const answerTimeoutMs = 5_000
/** In all, with the SDK's own pauses between them. */
const attemptsMax = 3
/** How old a table may be: files are begun more often than tables are changed. */
const keptMs = 10_000

type GlueTable = NonNullable<GetTableCommandOutput["Table"]>

/** Tables of Glue's catalog, each asked for once in ten seconds at most. */
export class GlueTables implements TableSource {
  readonly #settings: GlueSettings
  /** By region, which requests are signed for. */
  readonly #clients = new Map<string, GlueClient>()
  readonly #answers: KeptAnswers<Table>
  readonly #closed = new AbortController()

  constructor(settings: GlueSettings) {
    this.#settings = settings
    this.#answers = new KeptAnswers({ clock: settings.clock, keptMs })
  }

  async find(reference: TableReference, signal?: AbortSignal): Promise<Table> {
    signal?.throwIfAborted()
    const { catalogId, databaseName, tableName, region, versionId } = reference
    const question = JSON.stringify([catalogId, databaseName, tableName, region, versionId])
    // Others may wait for the same answer, so none of them ends the request.
    return unlessAborted(
      this.#answers.get(question, () => this.#ask(reference)),
      signal,
    )
  }

  /** Ends what is under way. */
  close() {
    this.#closed.abort()
    for (const client of this.#clients.values()) client.destroy()
  }

  async #ask(reference: TableReference): Promise<Table> {
    const { databaseName, tableName } = reference
    const table = await this.#get(reference)
    const where = `table "${tableName}" of database "${databaseName}" in Glue`
    // What is said to be a Glue may answer anything: its client does not look.
    const read = readShape(glueTable, JSON.parse(JSON.stringify(table)))
    if (read.kind === "refused") {
      const reasons = read.problems.map(({ path, message }) => `${path}: ${message}`.replace(/^: /, ""))
      throw new TableError("DataFormatConversion.InvalidSchema", `The ${where} can't be read: ${reasons.join("; ")}`)
    }
    return tableOf((read.value.StorageDescriptor?.Columns ?? []).map(writtenColumn), where, read.value.VersionId)
  }

  async #get(reference: TableReference): Promise<GlueTable> {
    const { catalogId: CatalogId, databaseName: DatabaseName, tableName: TableName, versionId } = reference
    const client = this.#client(reference.region ?? this.#settings.region)
    const options = { abortSignal: this.#closed.signal }
    try {
      if (versionId === latestVersion) {
        const { Table } = await client.send(new GetTableCommand({ CatalogId, DatabaseName, Name: TableName }), options)
        return Table ?? noTable()
      }
      const command = new GetTableVersionCommand({ CatalogId, DatabaseName, TableName, VersionId: versionId })
      const { TableVersion } = await client.send(command, options)
      return { ...(TableVersion?.Table ?? noTable()), VersionId: versionId }
    } catch (error) {
      throw glueError(error, reference, this.#settings.endpoint)
    }
  }

  #client(region: string): GlueClient {
    const client = this.#clients.get(region) ?? new GlueClient(clientConfig(this.#settings, region))
    this.#clients.set(region, client)
    return client
  }
}

function noTable(): never {
  throw new Error("the answer has no table in it: is it a Glue?")
}

function clientConfig(settings: GlueSettings, region: string): GlueClientConfig {
  const { endpoint, credentials, requestTimeoutMs = answerTimeoutMs } = settings
  return {
    region,
    endpoint,
    ...(credentials !== undefined && { credentials }),
    maxAttempts: attemptsMax,
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Else it only warns.
      throwOnRequestTimeout: true,
      // The request timeout ends with the answer's head. This one goes on while its body is read.
      socketTimeout: requestTimeoutMs,
    },
  }
}

/** Waits for `answer` no longer than until `signal` is aborted. */
function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener("abort", abort, { once: true })
    const letGo = () => signal.removeEventListener("abort", abort)
    answer.then(resolve, reject).finally(letGo)
  })
}

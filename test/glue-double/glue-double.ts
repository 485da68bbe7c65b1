import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"

/** What is answered in place of a table. */
export type Trouble =
  | { readonly error: string; readonly status: number; readonly message?: string }
  /** An answer that is none of Glue's. */
  | { readonly status: number; readonly body: string }
  | "hang"
  | "break off"

/** The part of Glue's Table that is looked at, and whatever else it may have. */
export interface DoubleTable {
  readonly StorageDescriptor?: {
    readonly Columns?: readonly { readonly Name: string; readonly Type?: string; readonly Comment?: string }[]
  }
  readonly PartitionKeys?: readonly { readonly Name: string; readonly Type: string }[]
}

/** A request that was understood. */
export interface SeenRequest {
  readonly operation: string
  readonly region: string
  readonly input: Readonly<Record<string, unknown>>
}

/** A small Glue on loopback: GetTable and GetTableVersion, in AWS's JSON 1.1 protocol, of one catalog. */
export class GlueDouble {
  /** All requests so far. */
  readonly requests: SeenRequest[] = []
  /** What every request is answered with while it is set. */
  trouble: Trouble | undefined
  /** Versions of each table: the first one is 0. */
  readonly #tables = new Map<string, DoubleTable[]>()
  readonly #server: Server

  static async start(): Promise<GlueDouble> {
    const double = new GlueDouble()
    double.#server.listen(0, "127.0.0.1")
    await once(double.#server, "listening")
    return double
  }

  private constructor() {
    this.#server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing))
  }

  get endpoint(): string {
    const address = this.#server.address()
    if (address === null || typeof address === "string") throw new Error("The Glue double is not listening")
    return `http://127.0.0.1:${address.port}`
  }

  /** A table, or its next version. */
  setTable(database: string, name: string, table: DoubleTable): void {
    const key = `${database}.${name}`
    this.#tables.set(key, [...(this.#tables.get(key) ?? []), table])
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse) {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const answer = this.#answer(incoming, Buffer.concat(chunks).toString())
    if (answer === "hang") return
    if (answer === "break off") return void incoming.socket.destroy()
    if ("body" in answer) return void outgoing.writeHead(answer.status).end(answer.body)
    const type = { "content-type": "application/x-amz-json-1.1" }
    if (!("error" in answer)) return void outgoing.writeHead(200, type).end(JSON.stringify(answer.output))
    const { error, status, message = `${error} of the double` } = answer
    outgoing.writeHead(status, type).end(JSON.stringify({ __type: error, Message: message }))
  }

  #answer({ headers }: IncomingMessage, body: string): Trouble | { readonly output: object } {
    const [, operation = ""] = /^AWSGlue\.(\w+)$/.exec(String(headers["x-amz-target"])) ?? []
    const [, region = ""] = /\/([a-z0-9-]+)\/glue\/aws4_request/.exec(headers.authorization ?? "") ?? []
    if (region === "") return { error: "MissingAuthenticationTokenException", status: 400 }
    const input: Record<string, unknown> = JSON.parse(body)
    this.requests.push({ operation, region, input })
    if (this.trouble !== undefined) return this.trouble
    const { DatabaseName, Name, TableName = Name, VersionId } = input
    const versions = this.#tables.get(`${DatabaseName}.${TableName}`) ?? []
    const number = operation === "GetTable" ? versions.length - 1 : Number(VersionId)
    const found = versions[number]
    if (found === undefined) {
      const message = versions.length === 0 ? `Entity Not Found: ${TableName}` : "Table version not found."
      return { error: "EntityNotFoundException", status: 400, message }
    }
    const Table = { Name: TableName, DatabaseName, CatalogId: "000000000000", VersionId: String(number), ...found }
    switch (operation) {
      case "GetTable":
        return { output: { Table } }
      case "GetTableVersion":
        return { output: { TableVersion: { Table, VersionId: String(number) } } }
      default:
        return { error: "UnknownOperationException", status: 400 }
    }
  }
}

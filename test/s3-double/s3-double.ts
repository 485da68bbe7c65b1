import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { type Answer, errorAnswer, S3Error } from "./answer.ts"
import { Buckets, type StoredObject } from "./buckets.ts"
import { type AwsChunked, contentOf } from "./content.ts"
import { type Fault, Faults } from "./faults.ts"
import { type Operation, operationOf } from "./operation.ts"
import { perform } from "./operations.ts"
import { readRequest } from "./request.ts"
import { type Credentials, checkSignature } from "./signature.ts"

export interface S3DoubleOptions {
  readonly buckets: readonly string[]
  /** `decode` when absent. */
  readonly awsChunked?: AwsChunked
}

/** A request that reached the double and passed its signature check, whatever became of it. */
export interface SeenRequest {
  readonly operation: Operation
  readonly bucket: string
  readonly key: string
  readonly headers: ReadonlyMap<string, string>
}

/** An S3 server on loopback that keeps its objects in memory. */
export class S3Double {
  readonly region = "us-east-1"
  readonly credentials: Credentials = { accessKeyId: "AKIDS3DOUBLE", secretAccessKey: "secret-of-the-s3-double" }
  /** All requests so far, in the order of their arrival. */
  readonly requests: SeenRequest[] = []
  /** Called for each request as it arrives whole, before anything is done about it. */
  onRequest: (request: SeenRequest) => void = () => {}
  readonly #server: Server
  readonly #buckets: Buckets
  readonly #awsChunked: AwsChunked
  readonly #faults = new Faults()
  #requestsUnderWay = 0
  #requestsUnderWayMax = 0

  static async start(options: S3DoubleOptions): Promise<S3Double> {
    const double = new S3Double(options)
    double.#server.listen(0, "127.0.0.1")
    await once(double.#server, "listening")
    return double
  }

  private constructor(options: S3DoubleOptions) {
    this.#buckets = new Buckets(options.buckets)
    this.#awsChunked = options.awsChunked ?? "decode"
    this.#server = createServer((incoming, outgoing) => {
      // It answers whatever a request can hold. What it throws is a mistake of its own, and ends the test.
      void this.#serve(incoming, outgoing)
    })
  }

  /** For the client's `endpoint`. */
  get endpoint(): string {
    const address = this.#server.address()
    if (address === null || typeof address === "string") throw new Error("The S3 double is not listening")
    return `http://127.0.0.1:${address.port}`
  }

  /** Uploads that were begun, and neither completed nor aborted. */
  get uploadCount(): number {
    return this.#buckets.uploadCount
  }

  /** The most requests that were under way at one time so far. */
  get requestsUnderWayMax(): number {
    return this.#requestsUnderWayMax
  }

  object(bucket: string, key: string): StoredObject | undefined {
    return this.#buckets.bucket(bucket).get(key)
  }

  /** The keys of a bucket, sorted. */
  keys(bucket: string): string[] {
    return [...this.#buckets.bucket(bucket).keys()].sort()
  }

  /** Orders a fault for requests to come. Of several that fit a request, the one that was ordered first befalls it. */
  fail(fault: Fault): void {
    this.#faults.add(fault)
  }

  /** Calls off all faults that have not happened. */
  heal(): void {
    this.#faults.clear()
  }

  /** Ends all connections, also those that hang. May be called twice. */
  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, "close")
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.#requestsUnderWay += 1
    this.#requestsUnderWayMax = Math.max(this.#requestsUnderWayMax, this.#requestsUnderWay)
    outgoing.once("close", () => {
      this.#requestsUnderWay -= 1
    })
    const body = await wholeBody(incoming)
    if (body === undefined) return
    const { answer, fault } = this.#answer(incoming, body)
    switch (fault) {
      case "hang":
        return
      case "reset":
      case "lose-answer":
        incoming.socket.destroy()
        return
      case "stall":
        outgoing.writeHead(answer.status, { ...answer.headers, "content-length": 1_000_000 })
        outgoing.flushHeaders()
        return
      case undefined:
        outgoing.writeHead(answer.status, { "x-amz-request-id": "S3DOUBLE", ...answer.headers })
        outgoing.end(answer.body)
    }
  }

  /** What to answer, and how the answer goes wrong on its way. */
  #answer(
    incoming: IncomingMessage,
    body: Buffer,
  ): { answer: Answer; fault?: "hang" | "reset" | "lose-answer" | "stall" } {
    try {
      const request = readRequest(incoming)
      checkSignature(request, this.credentials, this.region)
      const operation = operationOf(request)
      const seen = { operation, bucket: request.bucket, key: request.key, headers: request.headers }
      this.requests.push(seen)
      this.onRequest(seen)
      const fault = this.#faults.take(operation)
      switch (fault?.kind) {
        case "answer":
          return { answer: errorAnswer({ ...fault, message: `Ordered by the test: ${fault.code}` }) }
        case "garbage":
          return { answer: { status: 502, headers: { "content-type": "text/html" }, body: "<html>Bad Gateway" } }
        case "hang":
        case "reset":
          return { answer: { status: 500 }, fault: fault.kind }
        case "lose-answer":
        case "stall":
        case undefined: {
          const content = contentOf(request, body, this.#awsChunked)
          const answer = perform(operation, this.#buckets, request, content)
          return fault === undefined ? { answer } : { answer, fault: fault.kind }
        }
      }
    } catch (error) {
      if (error instanceof S3Error) return { answer: errorAnswer(error) }
      throw error
    }
  }
}

/** A request's whole body; undefined when the client went away before its end. */
async function wholeBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  try {
    const chunks: Buffer[] = await incoming.toArray()
    return Buffer.concat(chunks)
  } catch (error) {
    if (incoming.complete) throw error
    return undefined
  }
}

import { type FirehoseClient, PutRecordBatchCommand, PutRecordCommand } from "@aws-sdk/client-firehose"
import type { Clock, Random } from "../../platform/index.ts"

export type PutOperation = "put-record" | "put-record-batch"

/** What each request of a load puts. */
export interface PutShape {
  readonly operation: PutOperation
  readonly streamName: string
  readonly recordBytes: number
  /** 1 for put-record. */
  readonly recordsPerRequest: number
}

export interface SignedPutsOptions {
  readonly shape: PutShape
  /** Whose endpoint, region and credentials the requests are signed for. */
  readonly client: FirehoseClient
  readonly clock: Pick<Clock, "elapsed">
  readonly random: Pick<Random, "bytes">
}

/** Signatures hold for five minutes, less what client and server disagree about the time. */
const signatureMsMax = 120_000
/** Of all requests that are kept: large batches are fewer. */
const keptBytesMax = 32 * 1024 * 1024
const keptMax = 64
const keptMin = 2

interface Signed {
  readonly bytes: Buffer
  readonly expiresMs: number
}

/**
 * Requests as the AWS SDK writes and signs them, as the bytes that go over a connection. Some dozens are kept and given out in
 * turn, and each is signed anew before its signature is too old, so that signing is not what is measured.
 */
export class SignedPuts {
  readonly #options: SignedPutsOptions
  readonly #kept: (Signed | undefined)[]
  #turn = 0

  constructor(options: SignedPutsOptions) {
    this.#options = options
    const { recordBytes, recordsPerRequest } = options.shape
    const count = Math.floor(keptBytesMax / (recordBytes * recordsPerRequest * 1.4))
    this.#kept = Array.from({ length: Math.max(keptMin, Math.min(keptMax, count)) })
  }

  /** Signs all of them, before the clock runs. @throws Error when there are no credentials */
  async prepare(): Promise<void> {
    for (let count = 0; count < this.#kept.length; count++) await this.next()
  }

  /** The next request to send. */
  async next(): Promise<Buffer> {
    const index = this.#turn++ % this.#kept.length
    const kept = this.#kept[index]
    const nowMs = this.#options.clock.elapsed()
    if (kept !== undefined && nowMs < kept.expiresMs) return kept.bytes
    const bytes = await this.#sign()
    // Those that were made together don't expire together, or all would be signed in one go while answers are waited for.
    const lifeMs = kept === undefined ? signatureMsMax * (0.5 + (0.5 * index) / this.#kept.length) : signatureMsMax
    this.#kept[index] = { bytes, expiresMs: nowMs + lifeMs }
    return bytes
  }

  async #sign(): Promise<Buffer> {
    const { client, shape, random } = this.#options
    const { operation, streamName, recordBytes, recordsPerRequest } = shape
    const record = () => ({ Data: recordOf(recordBytes, random) })
    const command =
      operation === "put-record"
        ? new PutRecordCommand({ DeliveryStreamName: streamName, Record: record() })
        : new PutRecordBatchCommand({
            DeliveryStreamName: streamName,
            Records: Array.from({ length: recordsPerRequest }, record),
          })
    return signedBytes(client, command)
  }
}

/** The bytes that the SDK would send for a command; nothing is sent. */
async function signedBytes(client: FirehoseClient, command: PutRecordCommand | PutRecordBatchCommand): Promise<Buffer> {
  let bytes: Buffer | undefined
  // The last step before a request is sent: it is signed by then.
  const take = async ({ request }: { readonly request: unknown }) => {
    bytes = bytesOf(request)
    return { response: undefined, output: { ...noAnswer, $metadata: {} } }
  }
  const lastStep = { step: "finalizeRequest", priority: "low" } as const
  if (command instanceof PutRecordCommand) {
    command.middlewareStack.add(() => take, lastStep)
    await client.send(command)
  } else {
    command.middlewareStack.add(() => take, lastStep)
    await client.send(command)
  }
  if (bytes === undefined) throw new Error("The AWS SDK made no request of a put")
  return bytes
}

const noAnswer = { RecordId: "", FailedPutCount: 0, RequestResponses: [] }

/** What the SDK hands on for sending, as far as it is looked at. */
interface SdkRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

function bytesOf(request: unknown): Buffer {
  if (!isSdkRequest(request)) throw new Error("The AWS SDK made a request that is not understood here")
  const { method, path, headers, body } = request
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  // The SDK's own kind of Uint8Array turns into a string, with a warning, when it is looked at otherwise.
  const content =
    typeof body === "string" ? Buffer.from(body) : new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`), content])
}

function isSdkRequest(request: unknown): request is SdkRequest {
  if (typeof request !== "object" || request === null) return false
  const isMade = "method" in request && "path" in request && "headers" in request && "body" in request
  return isMade && (typeof request.body === "string" || request.body instanceof Uint8Array)
}

/** A line of random letters: as hard to compress as records get. */
function recordOf(recordBytes: number, random: Pick<Random, "bytes">): Buffer {
  const text = random.bytes(Math.ceil((recordBytes * 3) / 4)).toString("base64url")
  return Buffer.from(`${text.slice(0, recordBytes - 1)}\n`)
}

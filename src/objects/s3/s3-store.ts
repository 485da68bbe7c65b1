import { PutObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3"
import { failureBeforeStore, later, partsOf } from "../attempt.ts"
import type { ObjectStore, ObjectToPut, PutOutcome } from "../store.ts"
import { type UploadProgress, uploadInParts } from "./multipart-upload.ts"
import { s3Failure } from "./s3-failure.ts"

export interface S3StoreSettings {
  readonly region: string
  /** The URL of an S3-compatible store. Without it: AWS_ENDPOINT_URL_S3 and its like, or else Amazon S3. */
  readonly endpoint?: string
  /** Buckets in the path of the URL, not in the host's name: most stores other than Amazon's need it. */
  readonly forcePathStyle: boolean
  /** `WHEN_REQUIRED` leaves out the checksum headers that some S3-compatible stores refuse. */
  readonly requestChecksumCalculation: "WHEN_SUPPORTED" | "WHEN_REQUIRED"
  /** Without them: environment, shared files, container, instance, as all AWS clients look for them. */
  readonly credentials?: S3Credentials
  readonly connectTimeoutMs: number
  /** How long one request may take, with up to 8 MiB of body: to be sent and answered. */
  readonly requestTimeoutMs: number
}

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** An object of at most this size is one PutObject; a larger one is sent in parts of it. All parts of one size: R2 asks for it. */
const partBytes = 8 * 1024 * 1024

/** Requests at one time, to one store. More wait, and their time runs. */
const socketsMax = 128

/**
 * A store of the S3 protocol: Amazon S3 or a compatible one. It never retries: the delivery loop does.
 *
 * Bodies are sent as buffers of known length and never as aws-chunked streams, which several compatible stores refuse, or
 * take for the content. Memory: (parts in flight + 1) × 8 MiB for each object that is being put (multipart-upload.ts).
 */
export function createS3Store(settings: S3StoreSettings): ObjectStore {
  const client = new S3Client(clientConfig(settings))

  async function put(object: ObjectToPut, signal: AbortSignal): Promise<PutOutcome> {
    const progress: UploadProgress = { completing: false }
    const parts = partsOf(object, partBytes, signal)
    try {
      const target = targetOf(object)
      const begin = await take(parts, 2)
      if (begin.length === 2) {
        const all = resumed(begin, parts)
        const sizeBytes = await uploadInParts({ client, target, parts: all, signal, progress })
        return { kind: "stored", sizeBytes }
      }
      const Body = begin[0] ?? Buffer.alloc(0)
      signal.throwIfAborted()
      progress.completing = true
      await client.send(new PutObjectCommand({ ...target, Body }), { abortSignal: signal })
      return { kind: "stored", sizeBytes: Body.byteLength }
    } catch (error) {
      const { refused, ...storeFailure } = s3Failure(error)
      const failure = failureBeforeStore(error, signal) ?? storeFailure
      const reason = progress.leftover === undefined ? failure.reason : `${failure.reason}; ${progress.leftover}`
      return later(object, { mayBeStored: progress.completing && !refused, code: failure.code, reason })
    } finally {
      await parts.return(undefined)
    }
  }

  return { put, close: async () => client.destroy() }
}

/** For whoever speaks to a store of the S3 protocol. */
export function clientConfig(settings: S3StoreSettings): S3ClientConfig {
  return {
    region: settings.region,
    forcePathStyle: settings.forcePathStyle,
    requestChecksumCalculation: settings.requestChecksumCalculation,
    ...(settings.endpoint !== undefined && { endpoint: settings.endpoint }),
    ...(settings.credentials !== undefined && { credentials: settings.credentials }),
    maxAttempts: 1,
    // With it the client opens a connection for each body of more than 2 MiB, and a store that does not know the header
    // makes it wait for the whole request timeout before it sends the body.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: settings.connectTimeoutMs,
      requestTimeout: settings.requestTimeoutMs,
      // Else it only warns.
      throwOnRequestTimeout: true,
      // The request timeout ends with the answer's head. This one goes on while its body is read.
      socketTimeout: settings.requestTimeoutMs,
      httpAgent: { keepAlive: true, maxSockets: socketsMax },
      httpsAgent: { keepAlive: true, maxSockets: socketsMax },
    },
  }
}

/** All that a PutObject and a CreateMultipartUpload have in common: spec/s3.md, sections 5 and 6. */
function targetOf(object: ObjectToPut) {
  return {
    Bucket: object.bucket,
    Key: object.key,
    ContentType: object.contentType,
    ...(object.contentEncoding !== undefined && { ContentEncoding: object.contentEncoding }),
    ...(object.encryption.kind === "kms" && {
      ServerSideEncryption: "aws:kms" as const,
      SSEKMSKeyId: object.encryption.keyArn,
    }),
  }
}

/** The first `count` parts, or as many as there are. */
async function take(parts: AsyncGenerator<Buffer>, count: number): Promise<Buffer[]> {
  const taken: Buffer[] = []
  while (taken.length < count) {
    const next = await parts.next()
    if (next.done) break
    taken.push(next.value)
  }
  return taken
}

/** The parts that were taken, and then the others. Lets go of each as it is given, for nobody else to keep in memory. */
async function* resumed(taken: Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  while (taken.length > 0) yield* taken.splice(0, 1)
  yield* rest
}

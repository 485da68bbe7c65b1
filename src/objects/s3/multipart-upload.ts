import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  NoSuchUpload,
  type S3Client,
  UploadPartCommand,
  type UploadPartCommandInput,
} from "@aws-sdk/client-s3"
import { reasonOf } from "../attempt.ts"

/** Parts of one object that are sent at the same time: with the part's size, what an upload takes of memory. */
const partsInFlightMax = 3

/** An upload that was given up is aborted within this time, or left to the store's own rules. */
const abortTimeoutMs = 5_000

/** What is known of an attempt while it is under way, for whoever has to tell why it failed. */
export interface UploadProgress {
  /** The request was sent that makes the object visible. What fails earlier has certainly not stored it. */
  completing: boolean
  /** What the store may keep of an upload that failed, as a sentence. */
  leftover?: string
}

interface Upload {
  readonly client: S3Client
  readonly target: CreateMultipartUploadCommandInput
  /** All of one size, but the last. */
  readonly parts: AsyncIterable<Buffer>
  readonly signal: AbortSignal
  readonly progress: UploadProgress
}

type UploadName = Pick<UploadPartCommandInput, "Bucket" | "Key" | "UploadId">

/**
 * Stores an object part by part; nobody sees it before all are there. Whatever fails, the upload is aborted, so that the
 * store does not keep, and charge for, its parts. Resolves with the object's size.
 */
export async function uploadInParts({ client, target, parts, signal, progress }: Upload): Promise<number> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target), { abortSignal: signal })
  const upload: UploadName = { Bucket: target.Bucket, Key: target.Key, UploadId }
  try {
    const { sent, sizeBytes } = await sendParts({ client, upload, parts, signal })
    const complete = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: sent } })
    signal.throwIfAborted()
    progress.completing = true
    await client.send(complete, { abortSignal: signal })
    return sizeBytes
  } catch (error) {
    await abort(client, upload, progress)
    throw error
  }
}

interface PartsToSend extends Pick<Upload, "client" | "parts" | "signal"> {
  readonly upload: UploadName
}

/** Sends all parts, a few at a time, and throws the first failure once no request is under way any more. */
async function sendParts({ client, upload, parts, signal }: PartsToSend) {
  const sent: CompletedPart[] = []
  const failures: unknown[] = []
  const stop = new AbortController()
  const abortSignal = AbortSignal.any([signal, stop.signal])
  let sizeBytes = 0

  // Each takes the next part when it is done with one, so that no more parts are in memory than are being sent.
  async function send(): Promise<void> {
    try {
      for await (const Body of parts) {
        const PartNumber = sent.length + 1
        const part: CompletedPart = { PartNumber }
        sent.push(part)
        sizeBytes += Body.byteLength
        const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }), { abortSignal })
        if (ETag === undefined) throw new Error(`the store gave no ETag for part ${PartNumber}`)
        part.ETag = ETag
      }
    } catch (error) {
      failures.push(error)
      stop.abort()
    }
  }

  await Promise.all(Array.from({ length: partsInFlightMax }, send))
  if (failures.length > 0) throw failures[0]
  return { sent, sizeBytes }
}

/** Gives an upload up. The signal of the attempt may be aborted already, so this has its own limit of time. */
async function abort(client: S3Client, upload: UploadName, progress: UploadProgress): Promise<void> {
  try {
    await client.send(new AbortMultipartUploadCommand(upload), { requestTimeout: abortTimeoutMs })
  } catch (error) {
    // The upload may have been completed although the answer was lost: then there is nothing to abort.
    if (error instanceof NoSuchUpload) return
    progress.leftover = `its upload ${upload.UploadId} could not be aborted, so the store may keep its parts: ${reasonOf(error)}`
  }
}

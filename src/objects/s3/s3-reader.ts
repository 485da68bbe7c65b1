import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3"
import { type ObjectReader, type OpenObject, ReadFailure } from "../reader.ts"
import { s3Failure } from "./s3-failure.ts"
import { clientConfig, type S3StoreSettings } from "./s3-store.ts"

/** Attempts at each request, by the client itself: who reads is a command, and repeats nothing. */
const attemptsMax = 4

/** Reads a bucket of a store of the S3 protocol. A body is read as it is wanted: the store may have to wait for its reader. */
export function createS3Reader(settings: S3StoreSettings, bucket: string): ObjectReader {
  const client = new S3Client({ ...clientConfig(settings), maxAttempts: attemptsMax })
  const name = JSON.stringify(bucket)

  return {
    async *list(prefix, signal) {
      let token: string | undefined
      do {
        const page = await client
          .send(
            new ListObjectsV2Command({
              Bucket: bucket,
              ...(prefix !== "" && { Prefix: prefix }),
              ...(token !== undefined && { ContinuationToken: token }),
            }),
            { abortSignal: signal },
          )
          .catch((error: unknown) => {
            throw signal.aborted ? signal.reason : readFailure(`Cannot list bucket ${name}`, error)
          })
        for (const { Key, Size, LastModified, ETag } of page.Contents ?? []) {
          if (Key === undefined) continue
          yield { key: Key, sizeBytes: Size ?? 0, modifiedMs: LastModified?.getTime() ?? 0, version: ETag ?? "" }
        }
        token = page.IsTruncated === true ? page.NextContinuationToken : undefined
      } while (token !== undefined)
    },
    async open(key, signal): Promise<OpenObject> {
      const failure = (error: unknown) =>
        signal.aborted ? signal.reason : readFailure(`Cannot read ${JSON.stringify(key)} in bucket ${name}`, error)
      try {
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal })
        if (answer.Body === undefined) throw new Error("the answer has no body")
        const body = guarded(answer.Body.transformToWebStream(), failure)
        return { version: answer.ETag ?? "", contentEncoding: answer.ContentEncoding, body }
      } catch (error) {
        throw failure(error)
      }
    },
    close: async () => client.destroy(),
  }
}

async function* guarded(
  bytes: ReadableStream<Uint8Array>,
  failure: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of bytes) yield chunk
  } catch (error) {
    throw failure(error)
  }
}

function readFailure(action: string, error: unknown): ReadFailure {
  return new ReadFailure(`${action}: ${s3Failure(error, allowRead).reason}`, error)
}

const allowRead = "allow s3:ListBucket and s3:GetObject on the bucket to the credentials in use"

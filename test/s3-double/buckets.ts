import { createHash, randomUUID } from "node:crypto"
import { S3Error } from "./answer.ts"

export interface StoredObject {
  readonly body: Buffer
  /** In quotes, as in the header. */
  readonly etag: string
  /** When it was put, in whole seconds, as S3 tells it. */
  readonly modifiedMs: number
  /** Those that S3 keeps: content-type, content-encoding, and the two of server-side encryption. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
}

interface Upload {
  readonly bucket: string
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>
}

export interface NamedPart {
  readonly number: number
  readonly etag: string
}

/** S3's limit for every part but the last. */
const partBytesMin = 5 * 1024 * 1024

/** What is stored: whole objects, which readers see, and uploads, which nobody sees. */
export class Buckets {
  readonly #objects = new Map<string, Map<string, StoredObject>>()
  readonly #uploads = new Map<string, Upload>()

  constructor(names: readonly string[]) {
    for (const name of names) this.#objects.set(name, new Map())
  }

  get uploadCount(): number {
    return this.#uploads.size
  }

  bucket(name: string): Map<string, StoredObject> {
    const found = this.#objects.get(name)
    if (!found) throw new S3Error(404, "NoSuchBucket", "The specified bucket does not exist")
    return found
  }

  put(bucket: string, key: string, given: Omit<StoredObject, "modifiedMs">): StoredObject {
    if (Buffer.byteLength(key) > 1024) throw new S3Error(400, "KeyTooLongError", "Your key is too long")
    const object = { ...given, modifiedMs: Math.floor(Date.now() / 1000) * 1000 }
    this.bucket(bucket).set(key, object)
    return object
  }

  create(bucket: string, key: string, headers: Readonly<Record<string, string>>): string {
    this.bucket(bucket)
    const uploadId = randomUUID()
    this.#uploads.set(uploadId, { bucket, key, headers, parts: new Map() })
    return uploadId
  }

  putPart(upload: Upload, number: number, body: Buffer): string {
    if (!(Number.isInteger(number) && number >= 1 && number <= 10_000)) {
      throw new S3Error(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
    }
    const etag = etagOf(body)
    upload.parts.set(number, { body, etag })
    return etag
  }

  complete(uploadId: string, upload: Upload, named: readonly NamedPart[]): StoredObject {
    const parts = named.map(({ number, etag }, index) => {
      const part = upload.parts.get(number)
      if (part?.etag !== etag)
        throw new S3Error(400, "InvalidPart", "One or more of the specified parts could not be found.")
      if (number <= (named[index - 1]?.number ?? 0)) {
        throw new S3Error(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
      }
      if (index < named.length - 1 && part.body.byteLength < partBytesMin) {
        throw new S3Error(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
      }
      return part
    })
    if (parts.length === 0) throw new S3Error(400, "MalformedXML", "You must specify at least one part")
    const digests = parts.map(({ etag }) => Buffer.from(etag.slice(1, -1), "hex"))
    const etag = `${etagOf(Buffer.concat(digests)).slice(0, -1)}-${parts.length}"`
    const object = { body: Buffer.concat(parts.map(({ body }) => body)), etag, headers: upload.headers }
    const stored = this.put(upload.bucket, upload.key, object)
    this.#uploads.delete(uploadId)
    return stored
  }

  abort(uploadId: string): void {
    this.#uploads.delete(uploadId)
  }

  upload(uploadId: string, bucket: string, key: string): Upload {
    const found = this.#uploads.get(uploadId)
    if (!found || found.bucket !== bucket || found.key !== key) {
      throw new S3Error(404, "NoSuchUpload", "The specified multipart upload does not exist.")
    }
    return found
  }
}

export function etagOf(body: Buffer): string {
  return `"${createHash("md5").update(body).digest("hex")}"`
}

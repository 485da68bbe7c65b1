/** What each operation does, once its request has passed all checks. */
import { type Answer, escaped, S3Error, xmlAnswer } from "./answer.ts"
import { type Buckets, etagOf, type NamedPart, type StoredObject } from "./buckets.ts"
import type { Operation } from "./operation.ts"
import type { S3Request } from "./request.ts"

/** What one ListObjectsV2 answers at most. */
const listedMax = 1000

export function perform(operation: Operation, buckets: Buckets, request: S3Request, content: Buffer): Answer {
  const { bucket, key, query } = request
  const uploadId = query.get("uploadId") ?? ""
  switch (operation) {
    case "PutObject": {
      const object = { body: content, etag: etagOf(content), headers: keptHeaders(request) }
      buckets.put(bucket, key, object)
      return { status: 200, headers: { etag: object.etag } }
    }
    case "GetObject": {
      const object = buckets.bucket(bucket).get(key)
      if (!object) throw new S3Error(404, "NoSuchKey", "The specified key does not exist.")
      return { status: 200, headers: { ...object.headers, etag: object.etag }, body: object.body }
    }
    case "ListObjectsV2":
      return listing(bucket, buckets.bucket(bucket), request)
    case "CreateMultipartUpload": {
      const id = buckets.create(bucket, key, keptHeaders(request))
      const place = `<Bucket>${escaped(bucket)}</Bucket><Key>${escaped(key)}</Key>`
      return xmlAnswer(
        `<InitiateMultipartUploadResult>${place}<UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      )
    }
    case "UploadPart": {
      const upload = buckets.upload(uploadId, bucket, key)
      const etag = buckets.putPart(upload, Number(query.get("partNumber")), content)
      return { status: 200, headers: { etag } }
    }
    case "CompleteMultipartUpload": {
      const { etag } = buckets.complete(uploadId, buckets.upload(uploadId, bucket, key), namedParts(content.toString()))
      return xmlAnswer(`<CompleteMultipartUploadResult><ETag>${escaped(etag)}</ETag></CompleteMultipartUploadResult>`)
    }
    case "AbortMultipartUpload":
      buckets.upload(uploadId, bucket, key)
      buckets.abort(uploadId)
      return { status: 204 }
  }
}

/** What S3 keeps of a request's headers. Half of an encryption is refused. */
function keptHeaders({ headers }: S3Request): Record<string, string> {
  const names = [
    "content-type",
    "content-encoding",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
  ]
  const kept = names.flatMap((name) => {
    const value = headers.get(name)?.replace(/^aws-chunked(, *)?/, "")
    return value === undefined || value === "" ? [] : [[name, value] as const]
  })
  if (
    headers.has("x-amz-server-side-encryption-aws-kms-key-id") &&
    headers.get("x-amz-server-side-encryption") !== "aws:kms"
  ) {
    throw new S3Error(
      400,
      "InvalidArgument",
      "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
    )
  }
  return Object.fromEntries(kept)
}

function namedParts(xml: string): NamedPart[] {
  return Array.from(xml.matchAll(/<Part>(.*?)<\/Part>/gs), ([, part = ""]) => ({
    number: Number(/<PartNumber>(\d+)<\/PartNumber>/.exec(part)?.[1]),
    etag: (/<ETag>(.*?)<\/ETag>/.exec(part)?.[1] ?? "").replaceAll("&quot;", '"'),
  }))
}

/** A page of a listing: the keys behind the one that the token names, up to `listedMax`. */
function listing(bucket: string, objects: ReadonlyMap<string, StoredObject>, { query }: S3Request): Answer {
  const prefix = query.get("prefix") ?? ""
  const after = Buffer.from(query.get("continuation-token") ?? "", "base64url").toString()
  const found = [...objects]
    .filter(([key]) => key.startsWith(prefix) && key > after)
    .sort(([one], [other]) => (one < other ? -1 : 1))
  const page = found.slice(0, listedMax)
  const contents = page.map(([key, { body, etag, modifiedMs }]) => {
    const modified = `<LastModified>${new Date(modifiedMs).toISOString()}</LastModified>`
    const about = `<Key>${escaped(key)}</Key>${modified}<ETag>${escaped(etag)}</ETag><Size>${body.byteLength}</Size>`
    return `<Contents>${about}</Contents>`
  })
  const isTruncated = page.length < found.length
  const token = Buffer.from(page.at(-1)?.[0] ?? "").toString("base64url")
  const next = isTruncated ? `<NextContinuationToken>${token}</NextContinuationToken>` : ""
  const head = `<Name>${escaped(bucket)}</Name><Prefix>${escaped(prefix)}</Prefix><KeyCount>${page.length}</KeyCount>`
  const end = `<IsTruncated>${isTruncated}</IsTruncated>${next}`
  return xmlAnswer(`<ListBucketResult>${head}${end}${contents.join("")}</ListBucketResult>`)
}

import { S3Error } from "./answer.ts"
import type { S3Request } from "./request.ts"

export type Operation =
  | "PutObject"
  | "GetObject"
  | "ListObjectsV2"
  | "CreateMultipartUpload"
  | "UploadPart"
  | "CompleteMultipartUpload"
  | "AbortMultipartUpload"

/** Which operation a request asks for. Whatever the double does not know is refused, and never ignored. */
export function operationOf({ method, key, query, headers }: S3Request): Operation {
  const names = [...query.keys()]
    .filter((name) => name !== "x-id")
    .sort()
    .join("&")
  const operation = operations[`${method} ${key === "" ? "bucket" : "object"}?${names}`]
  if (operation === undefined) throw notImplemented(`${method} with the parameters "${names}"`)
  for (const name of headers.keys()) {
    if (name.startsWith("x-amz-") && !knownHeaders.test(name)) throw notImplemented(`the header ${name}`)
  }
  return operation
}

const operations: Readonly<Record<string, Operation>> = {
  "PUT object?": "PutObject",
  "GET object?": "GetObject",
  "GET bucket?list-type": "ListObjectsV2",
  "GET bucket?list-type&prefix": "ListObjectsV2",
  "GET bucket?continuation-token&list-type": "ListObjectsV2",
  "GET bucket?continuation-token&list-type&prefix": "ListObjectsV2",
  "POST object?uploads": "CreateMultipartUpload",
  "PUT object?partNumber&uploadId": "UploadPart",
  "POST object?uploadId": "CompleteMultipartUpload",
  "DELETE object?uploadId": "AbortMultipartUpload",
}

const knownHeaders =
  /^x-amz-(date|content-sha256|security-token|user-agent|decoded-content-length|trailer|sdk-checksum-algorithm|checksum-(algorithm|mode|crc32|sha1|sha256)|server-side-encryption(-aws-kms-key-id)?)$/

function notImplemented(what: string): S3Error {
  return new S3Error(501, "NotImplemented", `A header or parameter implies functionality that is not here: ${what}`)
}

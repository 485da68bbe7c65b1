import type { IncomingMessage } from "node:http"
import { S3Error } from "./answer.ts"

/** A request as it came in, taken apart. */
export interface S3Request {
  readonly method: string
  /** As in the request line: neither decoded nor normalised, since the signature covers it. */
  readonly rawPath: string
  readonly query: ReadonlyMap<string, string>
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>
  readonly bucket: string
  /** Empty for a request about the bucket itself. */
  readonly key: string
}

/** Takes both forms: `http://HOST/BUCKET/KEY`, and `http://BUCKET.s3.localhost/KEY`. */
export function readRequest(incoming: IncomingMessage): S3Request {
  const [rawPath = "", rawQuery = ""] = (incoming.url ?? "").split(/\?(.*)/s)
  const headers = new Map(Object.entries(incoming.headersDistinct).map(([name, values]) => [name, String(values)]))
  const query = new Map(rawQuery.split("&").filter(Boolean).map(readParameter))
  const hostBucket = /^(.+)\.s3\.localhost(:\d+)?$/.exec(headers.get("host") ?? "")?.[1]
  const path = decoded(rawPath.slice(1))
  const pathBucket = path.split("/", 1)[0] ?? ""
  const place =
    hostBucket === undefined
      ? { bucket: pathBucket, key: path.slice(pathBucket.length + 1) }
      : { bucket: hostBucket, key: path }
  return { method: incoming.method ?? "", rawPath, query, headers, ...place }
}

function readParameter(parameter: string): [string, string] {
  const [name = "", value = ""] = parameter.split(/=(.*)/s)
  return [decoded(name), decoded(value)]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new S3Error(400, "InvalidURI", `Couldn't parse the specified URI: ${text}`)
  }
}

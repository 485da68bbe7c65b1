import type { QueryPair } from "./query.ts"
import type { RequestHeaders } from "./request-headers.ts"
import { percentEncode } from "./uri-encoding.ts"

export interface CanonicalParts {
  readonly method: string
  /** As in the request line, without the query. */
  readonly path: string
  readonly query: readonly QueryPair[]
  readonly headers: RequestHeaders
  readonly signedHeaders: readonly string[]
  /** SHA-256 of the body's bytes as received, in hexadecimal. */
  readonly payloadHash: string
}

/**
 * The bytes that a signature covers:
 *
 *     METHOD
 *     /path
 *     name=value&name=value
 *     header:value        one line for each signed header
 *
 *     header;header
 *     hash of the body
 *
 * As bytes, because Node gives each byte of a header as one character, and they were signed as bytes.
 */
export function canonicalRequest(parts: CanonicalParts): Buffer {
  let text = `${parts.method}\n${canonicalPath(parts.path)}\n${canonicalQuery(parts.query)}\n`
  for (const name of parts.signedHeaders) text += `${name}:${parts.headers.get(name) ?? ""}\n`
  text += `\n${parts.signedHeaders.join(";")}\n${parts.payloadHash}`
  return Buffer.from(text, "latin1")
}

/** The path normalised (RFC 3986) and encoded once more than it is already, as every service but S3 wants it. */
function canonicalPath(path: string): string {
  if (path === "/" || path === "") return "/"
  const segments: string[] = []
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop()
    else if (segment !== "" && segment !== ".") segments.push(percentEncode(segment))
  }
  const slashAtEnd = path.endsWith("/") && segments.length > 0 ? "/" : ""
  return `/${segments.join("/")}${slashAtEnd}`
}

/** Sorted by encoded name, then by encoded value; without the signature, which can't cover itself. */
function canonicalQuery(query: readonly QueryPair[]): string {
  if (query.length === 0) return ""
  return query
    .filter(({ name }) => name !== "X-Amz-Signature")
    .map(({ name, value }) => ({ name: percentEncode(name), value: percentEncode(value) }))
    .sort((a, b) => compare(a.name, b.name) || compare(a.value, b.value))
    .map(({ name, value }) => `${name}=${value}`)
    .join("&")
}

/** By code units: these texts are ASCII, and a locale's order would be another one. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

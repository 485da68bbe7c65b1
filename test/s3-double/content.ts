/** A request's body, after all the checks that its headers ask for. */
import { createHash } from "node:crypto"
import { crc32 } from "node:zlib"
import { S3Error } from "./answer.ts"
import type { S3Request } from "./request.ts"

/** What the double does with an aws-chunked body: some S3-compatible stores cannot take one. */
export type AwsChunked = "decode" | "refuse"

/** The content that was sent: decoded if it came as aws-chunked, and equal to every length and checksum that came with it. */
export function contentOf({ headers }: S3Request, body: Buffer, awsChunked: AwsChunked): Buffer {
  const declared = headers.get("x-amz-content-sha256")
  if (declared === undefined)
    throw new S3Error(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
  const md5 = headers.get("content-md5")
  if (md5 !== undefined && md5 !== digest("md5", body, "base64")) {
    throw new S3Error(400, "BadDigest", "The Content-MD5 you specified did not match what we received.")
  }
  const encodings =
    headers
      .get("content-encoding")
      ?.split(",")
      .map((name) => name.trim()) ?? []
  if (encodings.includes("aws-chunked") !== declared.startsWith("STREAMING-")) {
    throw new S3Error(400, "InvalidRequest", `The content encoding does not fit x-amz-content-sha256 ${declared}`)
  }
  if (!declared.startsWith("STREAMING-")) {
    if (declared !== "UNSIGNED-PAYLOAD" && declared !== digest("sha256", body, "hex")) {
      throw new S3Error(
        400,
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      )
    }
    checkChecksums(headers, body)
    return body
  }
  if (awsChunked === "refuse" || declared !== "STREAMING-UNSIGNED-PAYLOAD-TRAILER") {
    throw new S3Error(501, "NotImplemented", `Transfer of ${declared} is not implemented`)
  }
  const { content, trailers } = decodeChunks(body)
  if (headers.get("x-amz-decoded-content-length") !== String(content.byteLength)) {
    throw new S3Error(400, "IncompleteBody", "The body is not as long as x-amz-decoded-content-length says")
  }
  if ([...trailers.keys()].join() !== (headers.get("x-amz-trailer") ?? "")) {
    throw new S3Error(400, "MalformedTrailerError", "The request contained trailing data that was not well-formed")
  }
  checkChecksums(trailers, content)
  return content
}

/** aws-chunked: `HEXLENGTH CRLF bytes CRLF`, the last of length 0 followed by `name:value CRLF` trailers and CRLF. */
function decodeChunks(body: Buffer): { content: Buffer; trailers: Map<string, string> } {
  const chunks: Buffer[] = []
  let offset = 0
  const line = () => {
    const end = body.indexOf("\r\n", offset)
    if (end < 0) throw new S3Error(400, "IncompleteBody", "The aws-chunked body ends too early")
    const text = body.toString("latin1", offset, end)
    offset = end + 2
    return text
  }
  for (let lengthBytes = Number.parseInt(line(), 16); lengthBytes !== 0; lengthBytes = Number.parseInt(line(), 16)) {
    chunks.push(body.subarray(offset, offset + lengthBytes))
    offset += lengthBytes
    if (line() !== "") throw new S3Error(400, "InvalidChunkSizeError", "A chunk is not as long as it says")
  }
  const trailers = new Map<string, string>()
  for (let trailer = line(); trailer !== ""; trailer = line()) {
    const [name = "", value = ""] = trailer.split(":", 2)
    trailers.set(name, value)
  }
  return { content: Buffer.concat(chunks), trailers }
}

function checkChecksums(fields: ReadonlyMap<string, string>, content: Buffer): void {
  for (const [algorithm, compute] of Object.entries(checksums)) {
    const given = fields.get(`x-amz-checksum-${algorithm}`)
    if (given !== undefined && given !== compute(content)) {
      throw new S3Error(
        400,
        "BadDigest",
        `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      )
    }
  }
  const announced = fields.get("x-amz-sdk-checksum-algorithm")?.toLowerCase()
  if (announced !== undefined && !fields.has(`x-amz-checksum-${announced}`)) {
    throw new S3Error(
      400,
      "InvalidRequest",
      "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* header was found.",
    )
  }
}

const checksums: Readonly<Record<string, (content: Buffer) => string>> = {
  crc32: (content) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(crc32(content))
    return bytes.toString("base64")
  },
  sha1: (content) => digest("sha1", content, "base64"),
  sha256: (content) => digest("sha256", content, "base64"),
}

function digest(algorithm: string, content: Buffer, encoding: "hex" | "base64"): string {
  return createHash(algorithm).update(content).digest(encoding)
}

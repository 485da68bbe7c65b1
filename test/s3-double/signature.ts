/** Signature Version 4 of a request in its Authorization header, computed anew and compared. */
import { createHash, createHmac } from "node:crypto"
import { S3Error } from "./answer.ts"
import type { S3Request } from "./request.ts"

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

const skewMs = 15 * 60 * 1000
const authorizationForm =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/

export function checkSignature(request: S3Request, credentials: Credentials, region: string): void {
  const authorization = request.headers.get("authorization")
  if (authorization === undefined) throw new S3Error(403, "AccessDenied", "Access Denied")
  const [, accessKeyId, day = "", signedRegion, signedHeaders = "", signature] =
    authorizationForm.exec(authorization) ?? []
  if (signature === undefined)
    throw new S3Error(400, "AuthorizationHeaderMalformed", "The authorization header is invalid")
  if (accessKeyId !== credentials.accessKeyId) {
    throw new S3Error(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
  }
  if (signedRegion !== region) {
    const message = `The authorization header is malformed; the region '${signedRegion}' is wrong; expecting '${region}'`
    throw new S3Error(400, "AuthorizationHeaderMalformed", message)
  }
  const time = request.headers.get("x-amz-date") ?? ""
  const timeMs = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"))
  if (!time.startsWith(day) || !(Math.abs(timeMs - Date.now()) < skewMs)) {
    throw new S3Error(
      403,
      "RequestTimeTooSkewed",
      "The difference between the request time and the current time is too large.",
    )
  }
  const scope = `${day}/${region}/s3/aws4_request`
  const canonical = sha256(canonicalRequest(request, signedHeaders))
  const key = [day, region, "s3", "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`)
  if (hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${canonical}`).toString("hex") !== signature) {
    throw new S3Error(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the one you provided.",
    )
  }
}

function canonicalRequest({ method, rawPath, query, headers }: S3Request, signedHeaders: string): string {
  const names = signedHeaders.split(";")
  for (const name of headers.keys()) {
    const mustBeSigned = name === "host" || name === "content-md5" || name.startsWith("x-amz-")
    if (mustBeSigned && !names.includes(name)) {
      throw new S3Error(403, "AccessDenied", `There were headers present in the request which were not signed: ${name}`)
    }
  }
  const parameters = [...query].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort()
  const lines = names.map((name) => `${name}:${(headers.get(name) ?? "").trim().replace(/ +/g, " ")}\n`)
  const payload = headers.get("x-amz-content-sha256") ?? ""
  return [method, rawPath, parameters.join("&"), lines.join(""), signedHeaders, payload].join("\n")
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest()
}

import { type Refusal, refused } from "./refusal.ts"
import type { RequestHeaders } from "./request-headers.ts"
import { readCredential, type SignatureClaim } from "./signature-claim.ts"
import { readBasicDate, readHttpDate, unreadableDate } from "./signing-time.ts"

/**
 * Reads the header form of a signature:
 *
 *     AWS4-HMAC-SHA256 Credential=KEYID/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=HEX
 *
 * with the parts in any order, divided by commas, spaces or both.
 */
export function readAuthorizationHeader(authorization: string, headers: RequestHeaders): SignatureClaim | Refusal {
  const [algorithm, ...parts] = authorization.split(/[, ]+/)
  const { credential, signature, signedHeaders } = readParts(parts)
  const givenDate = headers.get("x-amz-date") || headers.get("date")
  if (!credential || !signature || !signedHeaders || !givenDate) {
    let message = ""
    if (!credential) message += "Authorization header requires 'Credential' parameter. "
    if (!signature) message += "Authorization header requires 'Signature' parameter. "
    if (!signedHeaders) message += "Authorization header requires 'SignedHeaders' parameter. "
    if (!givenDate) {
      message += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
    }
    return refused("IncompleteSignatureException", `${message}Authorization=${authorization}`)
  }
  if (algorithm !== "AWS4-HMAC-SHA256") {
    return refused(
      "IncompleteSignatureException",
      `Unsupported AWS 'algorithm': '${algorithm}'. Authorization=${authorization}`,
    )
  }
  const scoped = readCredential(credential)
  if (scoped.kind === "refused") return scoped
  const time = headers.get("x-amz-date") ? readBasicDate(givenDate) : readHttpDate(givenDate)
  if (time === undefined) return unreadableDate(givenDate)
  return {
    kind: "claim",
    accessKeyId: scoped.accessKeyId,
    scope: scoped.scope,
    signedHeaders: signedHeaders.split(";"),
    signature,
    time,
    expiresSeconds: undefined,
    sessionToken: headers.get("x-amz-security-token"),
  }
}

interface AuthorizationParts {
  credential?: string
  signature?: string
  signedHeaders?: string
}

function readParts(parts: readonly string[]): AuthorizationParts {
  const read: AuthorizationParts = {}
  for (const part of parts) {
    const equals = part.indexOf("=")
    const value = part.slice(equals + 1)
    switch (part.slice(0, equals)) {
      case "Credential":
        read.credential = value
        break
      case "Signature":
        read.signature = value
        break
      case "SignedHeaders":
        read.signedHeaders = value
        break
    }
  }
  return read
}

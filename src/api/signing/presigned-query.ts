import type { QueryPair } from "./query.ts"
import { type Refusal, refused } from "./refusal.ts"
import { readCredential, type SignatureClaim } from "./signature-claim.ts"
import { readBasicDate, unreadableDate } from "./signing-time.ts"

/** A week: the longest time for which SigV4 lets a presigned request be used. */
const expiresSecondsMax = 604_800

/** Whether the query asks to be read as a signature. */
export function isPresigned(query: readonly QueryPair[]): boolean {
  return query.some(({ name }) => name === "X-Amz-Algorithm")
}

/** Reads the query form of a signature: X-Amz-Algorithm and what belongs to it. */
export function readPresignedQuery(query: readonly QueryPair[]): SignatureClaim | Refusal {
  const parameters = new Map(query.map(({ name, value }) => [name, value]))
  const algorithm = parameters.get("X-Amz-Algorithm")
  const credential = parameters.get("X-Amz-Credential")
  const signature = parameters.get("X-Amz-Signature")
  const signedHeaders = parameters.get("X-Amz-SignedHeaders")
  const givenDate = parameters.get("X-Amz-Date")
  if (!algorithm || !credential || !signature || !signedHeaders || !givenDate) {
    const given = {
      "X-Amz-Algorithm": algorithm,
      "X-Amz-Credential": credential,
      "X-Amz-Signature": signature,
      "X-Amz-SignedHeaders": signedHeaders,
      "X-Amz-Date": givenDate,
    }
    const missing = Object.entries(given).filter(([, value]) => !value)
    const sentences = missing.map(([name]) => `AWS query-string parameters must include '${name}'. `)
    return refused("IncompleteSignatureException", `${sentences.join("")}Re-examine the query-string parameters.`)
  }
  if (algorithm !== "AWS4-HMAC-SHA256") {
    return refused("IncompleteSignatureException", `Unsupported AWS 'algorithm': '${algorithm}'.`)
  }
  const scoped = readCredential(credential)
  if (scoped.kind === "refused") return scoped
  const time = readBasicDate(givenDate)
  if (time === undefined) return unreadableDate(givenDate)
  const givenExpires = parameters.get("X-Amz-Expires")
  if (givenExpires !== undefined && !isExpiry(givenExpires)) {
    return refused(
      "InvalidSignatureException",
      `X-Amz-Expires must be a number of seconds from 1 to ${expiresSecondsMax}, not '${givenExpires}'`,
    )
  }
  return {
    kind: "claim",
    accessKeyId: scoped.accessKeyId,
    scope: scoped.scope,
    signedHeaders: signedHeaders.split(";"),
    signature,
    time,
    expiresSeconds: givenExpires === undefined ? undefined : Number(givenExpires),
    sessionToken: parameters.get("X-Amz-Security-Token"),
  }
}

function isExpiry(text: string): boolean {
  return /^[1-9]\d{0,5}$/.test(text) && Number(text) <= expiresSecondsMax
}

import { hash } from "node:crypto"
import type { Clock } from "../../platform/index.ts"
import { readAuthorizationHeader } from "./authorization-header.ts"
import { canonicalRequest } from "./canonical-request.ts"
import { isPresigned, readPresignedQuery } from "./presigned-query.ts"
import { type QueryPair, readQuery } from "./query.ts"
import { type Refusal, refused } from "./refusal.ts"
import { type RequestHeaders, readHeaders } from "./request-headers.ts"
import type { SignatureClaim } from "./signature-claim.ts"
import { createSigningKeys, hmac } from "./signing-key.ts"
import { timeRefusal } from "./signing-time.ts"
import { sameText } from "./timing-safe.ts"

/** A request as it came in: what a signature covers. */
export interface SignedRequest {
  readonly method: string
  /** Path and query, as in the request line. */
  readonly url: string
  /** Name, value, name, value, ... as received, in order. */
  readonly rawHeaders: readonly string[]
  readonly body: Uint8Array
}

export type Authentication =
  /** `accessKeyId` is undefined when no credentials are configured, and so any request passes. */
  | { readonly kind: "accepted"; readonly accessKeyId: string | undefined }
  /** The error to answer, HTTP 400: spec/api.md, section 2. */
  | Refusal

/** Decides who sent a request. Never throws for anything that a request can hold. */
export type Authenticate = (request: SignedRequest) => Authentication

/** What an access key id stands for. */
export interface Credential {
  readonly secretAccessKey: string
  /** When there is one, requests must carry exactly it. */
  readonly sessionToken?: string
}

export interface AuthenticateOptions {
  /** By access key id; undefined lets every request pass, an unsigned one too. */
  readonly credentials: ReadonlyMap<string, Credential> | undefined
  /** The region that a credential must be scoped to. */
  readonly region: string
  readonly service: "firehose"
  readonly clock: Clock
}

/**
 * Checks AWS Signature Version 4, in an Authorization header or in the query (spec/api.md, section 2).
 *
 * It runs before every put, so what is cheap to refuse is refused first: the body is hashed only for a request of a known
 * key, made at the right time.
 */
export function createAuthenticate({ credentials, region, service, clock }: AuthenticateOptions): Authenticate {
  if (credentials === undefined) return () => ({ kind: "accepted", accessKeyId: undefined })
  const signingKey = createSigningKeys({ region, service })

  return (request) => {
    const headers = readHeaders(request.rawHeaders)
    const queryStart = request.url.indexOf("?")
    const path = queryStart === -1 ? request.url : request.url.slice(0, queryStart)
    const query = queryStart === -1 ? [] : readQuery(request.url.slice(queryStart + 1))

    const claim = readClaim(headers, query)
    if (claim.kind === "refused") return claim
    const refusal =
      scopeRefusal(claim, { region, service }) ?? headersRefusal(claim, headers) ?? timeRefusal(claim, clock.now())
    if (refusal !== undefined) return refusal

    const credential = credentials.get(claim.accessKeyId)
    if (credential === undefined || !hasToken(claim, credential)) {
      return refused("UnrecognizedClientException", "The security token included in the request is invalid.")
    }
    const canonical = canonicalRequest({
      method: request.method,
      path,
      query,
      headers,
      signedHeaders: claim.signedHeaders,
      payloadHash: hash("sha256", request.body),
    })
    const scope = `${claim.scope.date}/${region}/${service}/aws4_request`
    const stringToSign = `AWS4-HMAC-SHA256\n${claim.time.text}\n${scope}\n${hash("sha256", canonical)}`
    const key = signingKey(claim.accessKeyId, credential.secretAccessKey, claim.scope.date)
    if (!sameText(claim.signature, hmac(key, stringToSign).toString("hex"))) return signatureDiffers
    return { kind: "accepted", accessKeyId: claim.accessKeyId }
  }
}

const signatureDiffers = refused(
  "InvalidSignatureException",
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
)

function readClaim(headers: RequestHeaders, query: readonly QueryPair[]): SignatureClaim | Refusal {
  const authorization = headers.get("authorization")
  const presigned = isPresigned(query)
  if (authorization && presigned) {
    return refused(
      "InvalidSignatureException",
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    )
  }
  if (presigned) return readPresignedQuery(query)
  // Another scheme, such as Bearer or the AWS scheme of 2006, is no token of this service.
  if (!authorization?.startsWith("AWS4-")) {
    return refused("MissingAuthenticationTokenException", "Missing Authentication Token")
  }
  return readAuthorizationHeader(authorization, headers)
}

/** What AWS says where spec/api.md, section 2 has no text: the date, and the terminator. */
function scopeRefusal(
  { scope, time }: SignatureClaim,
  { region, service }: { readonly region: string; readonly service: string },
): Refusal | undefined {
  const day = time.text.slice(0, 8)
  const texts: string[] = []
  if (scope.region !== region) texts.push(`Credential should be scoped to a valid region, not '${scope.region}'.`)
  if (scope.service !== service) texts.push(`Credential should be scoped to correct service: '${service}'.`)
  if (scope.terminator !== "aws4_request") {
    texts.push(`Credential should be scoped with a valid terminator: 'aws4_request', not '${scope.terminator}'.`)
  }
  if (scope.date !== day) {
    texts.push(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${scope.date}' != '${day}', from '${time.text}'.`,
    )
  }
  return texts.length === 0 ? undefined : refused("InvalidSignatureException", texts.join(" "))
}

/**
 * Which headers must be signed: `host`, as everywhere in SigV4, and `x-amz-target`, since it chooses the operation. The
 * other x-amz-* headers are either covered by the string to sign (the date), compared with what is configured (the
 * token), or not used: they are not demanded, because proxies add some, such as X-Amz-Cf-Id.
 */
function headersRefusal({ signedHeaders }: SignatureClaim, headers: RequestHeaders): Refusal | undefined {
  if (!signedHeaders.includes("host")) return mustBeSigned("'Host' or ':authority'")
  if (headers.has("x-amz-target") && !signedHeaders.includes("x-amz-target")) return mustBeSigned("'X-Amz-Target'")
  // A name that is there twice would let a short list of names stand for any amount of text to hash.
  const distinct = new Set(signedHeaders)
  if (distinct.size !== signedHeaders.length) return signatureDiffers
  return signedHeaders.every((name) => headers.has(name)) ? undefined : signatureDiffers
}

function mustBeSigned(header: string): Refusal {
  return refused("InvalidSignatureException", `${header} must be a 'SignedHeader' in the AWS Authorization.`)
}

function hasToken(claim: SignatureClaim, { sessionToken }: Credential): boolean {
  return sessionToken === undefined || (claim.sessionToken !== undefined && sameText(claim.sessionToken, sessionToken))
}

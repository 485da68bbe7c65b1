import { hash } from "node:crypto"
import { type AuthenticateOptions, type Authentication, createAuthenticate } from "./authenticate.ts"
import { readAuthorizationHeader } from "./authorization-header.ts"
import { KeptHmac } from "./kept-hmac.ts"
import type { RequestHeaders } from "./request-headers.ts"
import { deriveSigningKey } from "./signing-key.ts"
import { readBasicDate, timeRefusal } from "./signing-time.ts"
import { sameText } from "./timing-safe.ts"

/** A POST to `/` without a query. */
export interface PlainPost {
  /** By their names in lower case, each there once; values are printable ASCII without spaces around. */
  readonly fields: RequestHeaders
  readonly body: Uint8Array
}

export type AuthenticatePost = (request: PlainPost) => Authentication

/** What an Authorization header says before its signature, in a request that was accepted. */
interface KnownClaim {
  /** What it was learnt from: the header without the signature. */
  readonly beginning: string
  readonly accessKeyId: string
  /** When there is one, requests must carry exactly it. */
  readonly sessionToken: string | undefined
  /** YYYYMMDD */
  readonly day: string
  /** In the order in which they were signed. */
  readonly signedHeaders: readonly string[]
  readonly signedHeadersText: string
  readonly scope: string
  readonly hmac: KeptHmac
  /** What the last request was signed at, and what its string to sign began with: those of one second have it in common. */
  lastDate: string
  lastBeginning: string
}

/** Of a credential there is one for each day and each set of headers that its programs sign. */
const knownClaimsMax = 1024
const signatureCharacters = 64

/**
 * Decides who sent a request, as `createAuthenticate` does, and faster for those that come again and again: a client's
 * requests of one day begin their Authorization header with the same text. The first one goes the plain way; of the others
 * only what differs is looked at: the time, the token, the signed headers and the signature. What does not turn out right
 * goes the plain way too, which knows what to say.
 */
export function createQuickAuthenticate(options: AuthenticateOptions): AuthenticatePost {
  const { credentials, region, service, clock } = options
  if (credentials === undefined) return () => ({ kind: "accepted", accessKeyId: undefined })
  const authenticate = createAuthenticate(options)
  const knownClaims = new Map<string, KnownClaim>()
  let lastClaim: KnownClaim | undefined
  const readTime = keepLast(readBasicDate)

  function isRight(claim: KnownClaim, signature: string, { fields, body }: PlainPost): boolean {
    const date = fields.get("x-amz-date") ?? ""
    const time = readTime(date)
    if (time === undefined || !date.startsWith(claim.day)) return false
    if (timeRefusal({ time, expiresSeconds: undefined }, clock.now()) !== undefined) return false
    if (claim.sessionToken !== undefined) {
      if (!sameText(fields.get("x-amz-security-token") ?? "", claim.sessionToken)) return false
    }
    let headers = ""
    for (const name of claim.signedHeaders) {
      const value = fields.get(name)
      if (value === undefined) return false
      headers += `${name}:${value}\n`
    }
    // In the canonical form it is one space.
    if (headers.includes("  ")) return false
    const canonical = `POST\n/\n\n${headers}\n${claim.signedHeadersText}\n${hash("sha256", body)}`
    if (date !== claim.lastDate) {
      claim.lastDate = date
      claim.lastBeginning = `AWS4-HMAC-SHA256\n${date}\n${claim.scope}\n`
    }
    return sameText(signature, claim.hmac.hex(claim.lastBeginning, hash("sha256", canonical)))
  }

  /** Keeps what an accepted request claims, if it is in the form that can be known again. */
  function learn(beginning: string, signature: string, { fields }: PlainPost) {
    const claim = readAuthorizationHeader(beginning + signature, fields)
    if (claim.kind === "refused" || claim.signature !== signature || !claim.signedHeaders.includes("x-amz-target"))
      return
    const credential = credentials?.get(claim.accessKeyId)
    if (credential === undefined) return
    const day = claim.scope.date
    if (knownClaims.size === knownClaimsMax) knownClaims.clear()
    knownClaims.set(beginning, {
      beginning,
      accessKeyId: claim.accessKeyId,
      sessionToken: credential.sessionToken,
      day,
      scope: `${day}/${region}/${service}/aws4_request`,
      signedHeaders: claim.signedHeaders,
      signedHeadersText: claim.signedHeaders.join(";"),
      hmac: new KeptHmac(deriveSigningKey(credential.secretAccessKey, day, { region, service })),
      lastDate: "",
      lastBeginning: "",
    })
  }

  /** Mostly the same one as last time, which is found without looking at each character twice. */
  function findClaim(authorization: string): KnownClaim | undefined {
    const beginningCharacters = authorization.length - signatureCharacters
    const isLast = lastClaim?.beginning.length === beginningCharacters && authorization.startsWith(lastClaim.beginning)
    if (!isLast) lastClaim = knownClaims.get(authorization.slice(0, -signatureCharacters))
    return lastClaim
  }

  return (request) => {
    const authorization = request.fields.get("authorization") ?? ""
    const signature = authorization.slice(-signatureCharacters)
    const claim = findClaim(authorization)
    if (claim !== undefined && isRight(claim, signature, request)) {
      return { kind: "accepted", accessKeyId: claim.accessKeyId }
    }
    const rawHeaders = [...request.fields].flat()
    const authentication = authenticate({ method: "POST", url: "/", rawHeaders, body: request.body })
    if (claim === undefined && authentication.kind === "accepted") {
      learn(authorization.slice(0, -signatureCharacters), signature, request)
    }
    return authentication
  }
}

/** Remembers the last answer: the requests of one second have the same date. */
function keepLast<Answer>(ask: (text: string) => Answer): (text: string) => Answer {
  let lastText: string | undefined
  let lastAnswer: Answer
  return (text) => {
    if (text !== lastText) {
      lastAnswer = ask(text)
      lastText = text
    }
    return lastAnswer
  }
}

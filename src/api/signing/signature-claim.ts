import { type Refusal, refused } from "./refusal.ts"
import type { SigningTime } from "./signing-time.ts"

/** What a request says of its own signature, in a header or in its query. Nothing of it is checked yet. */
export interface SignatureClaim {
  readonly kind: "claim"
  readonly accessKeyId: string
  readonly scope: CredentialScope
  /** In the order given, which is the order in which they were signed. */
  readonly signedHeaders: readonly string[]
  /** Should be 64 hexadecimal digits in lower case. */
  readonly signature: string
  readonly time: SigningTime
  /** How long a presigned request may be used; undefined when the allowed skew is all it has. */
  readonly expiresSeconds: number | undefined
  readonly sessionToken: string | undefined
}

/** What a signing key is good for. */
export interface CredentialScope {
  /** YYYYMMDD */
  readonly date: string
  readonly region: string
  readonly service: string
  /** Always "aws4_request" in a valid one. */
  readonly terminator: string
}

export interface ScopedCredential {
  readonly kind: "scoped"
  readonly accessKeyId: string
  readonly scope: CredentialScope
}

/** Takes "KEYID/DATE/REGION/SERVICE/aws4_request" apart. */
export function readCredential(text: string): ScopedCredential | Refusal {
  const [accessKeyId, date, region, service, terminator, ...more] = text.split("/")
  if (
    accessKeyId === undefined ||
    date === undefined ||
    region === undefined ||
    service === undefined ||
    terminator === undefined ||
    more.length > 0
  ) {
    return refused(
      "IncompleteSignatureException",
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${text}'`,
    )
  }
  return { kind: "scoped", accessKeyId, scope: { date, region, service, terminator } }
}

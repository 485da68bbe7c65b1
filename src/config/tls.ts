import type { SettingValues } from "./settings.ts"

/** How the API is spoken to. */
export type Tls =
  | { readonly kind: "off" }
  /** A certificate that is made at start: `selfSignedCertificate`. */
  | { readonly kind: "self-signed" }
  /** Paths of PEM files. */
  | { readonly kind: "files"; readonly certificate: string; readonly key: string }

export type TlsOutcome =
  | { readonly kind: "read"; readonly tls: Tls }
  | { readonly kind: "refused"; readonly problem: string }

/** What the three settings about TLS say together. */
export function readTls(given: Pick<SettingValues, "tls" | "tlsCertificate" | "tlsKey">): TlsOutcome {
  const { tls, tlsCertificate: certificate, tlsKey: key } = given
  if (tls === "off") return { kind: "read", tls: { kind: "off" } }
  if (tls === "self-signed") {
    if (certificate === undefined && key === undefined) return { kind: "read", tls: { kind: "self-signed" } }
    return refused("Cannot use tls-certificate or tls-key with tls self-signed: leave out one or the other")
  }
  if (certificate !== undefined && key !== undefined) return { kind: "read", tls: { kind: "files", certificate, key } }
  if (certificate !== undefined) return refused(`Cannot use tls-certificate "${certificate}" alone: set tls-key too`)
  if (key !== undefined) return refused(`Cannot use tls-key "${key}" alone: set tls-certificate too`)
  return { kind: "read", tls: { kind: "off" } }
}

function refused(problem: string): TlsOutcome {
  return { kind: "refused", problem }
}

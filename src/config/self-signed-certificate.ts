import { isIP } from "node:net"
import type { Clock } from "../platform/index.ts"

/** What a TLS server needs, both in PEM. */
export interface Certificate {
  readonly certificate: string
  readonly key: string
}

const dayMs = 24 * 60 * 60 * 1000

/** Everybody on this machine may call it by one of these. */
const ownNames = ["localhost", "127.0.0.1", "::1"]

/**
 * Makes a certificate for this machine and for `hostnames`, which are names and IP addresses, good for a year. It is
 * signed by its own new key, so clients must be told to trust it, or not to check.
 */
export async function selfSignedCertificate(hostnames: readonly string[], clock: Clock): Promise<Certificate> {
  // Loaded here: it takes a quarter of a second, which a start without it need not.
  const { generate } = await import("selfsigned")
  const now = clock.now()
  const made = await generate([{ name: "commonName", value: "Hydrant, self-signed" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    // From yesterday on, for clients whose clocks are behind.
    notBeforeDate: new Date(now - dayMs),
    notAfterDate: new Date(now + 365 * dayMs),
    extensions: [
      // No authority: a client that trusts it trusts this one server, and nothing that its key might sign.
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: [...new Set([...ownNames, ...hostnames])].map(alternativeName) },
    ],
  })
  return { certificate: made.cert, key: made.private }
}

/** The kinds are those of X.509: 2 is a DNS name, 7 an IP address. */
function alternativeName(hostname: string): { type: 2; value: string } | { type: 7; ip: string } {
  return isIP(hostname) === 0 ? { type: 2, value: hostname } : { type: 7, ip: hostname }
}

import { createHmac } from "node:crypto"

export interface KeyScope {
  readonly region: string
  readonly service: string
}

/** Gives the signing key of a credential for a day, YYYYMMDD. */
export type SigningKeys = (accessKeyId: string, secretAccessKey: string, date: string) => Buffer

/**
 * Derives signing keys and keeps the last one of each access key id: a key serves a whole day, and deriving it costs four
 * HMACs. There is never more than one for each configured credential, since only those are asked for.
 */
export function createSigningKeys(scope: KeyScope): SigningKeys {
  const kept = new Map<string, { readonly date: string; readonly key: Buffer }>()
  return (accessKeyId, secretAccessKey, date) => {
    const last = kept.get(accessKeyId)
    if (last?.date === date) return last.key
    const key = deriveSigningKey(secretAccessKey, date, scope)
    kept.set(accessKeyId, { date, key })
    return key
  }
}

/** The chain of HMACs that binds a secret to a day, a region and a service. */
export function deriveSigningKey(secretAccessKey: string, date: string, { region, service }: KeyScope): Buffer {
  return [date, region, service, "aws4_request"].reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`, "utf8"))
}

/** HMAC-SHA-256 of a text's UTF-8 bytes. */
export function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text, "utf8").digest()
}

import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto"

/**
 * How a frame's body is sealed: AES-256-GCM under a key of the segment's own, with the rest of the frame's header as
 * additional data, so that a sealed body fits one place of one segment only.
 *
 *     bytes
 *        12  nonce: random for each frame, since a write that failed may be repeated at the same place
 *         n  the body, encrypted
 *        16  tag
 */
export const sealOverheadBytes = 28
/** Random bytes that a segment's key is derived with. */
export const keySaltBytes = 16
export const nonceBytes = 12

const tagBytes = 16
const cipherName = "aes-256-gcm"
const keyPurpose = "hydrant segment"

/** The key of one segment: no two segments have the same, so that their nonces never meet. */
export function deriveSegmentKey(secret: Uint8Array, keySalt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, keySalt, keyPurpose, 32))
}

/** Seals `parts`, one after the other, into `target`, which has exactly the size for it. */
export function sealBody(
  target: Buffer,
  key: Buffer,
  nonce: Uint8Array,
  header: Uint8Array,
  parts: readonly Uint8Array[],
): void {
  const cipher = createCipheriv(cipherName, key, nonce, { authTagLength: tagBytes }).setAAD(header)
  target.set(nonce)
  let offset = nonceBytes
  for (const part of parts) {
    target.set(cipher.update(part), offset)
    offset += part.byteLength
  }
  cipher.final()
  target.set(cipher.getAuthTag(), offset)
}

/** What was sealed; undefined when it is not what was sealed with this key under this header. */
export function openBody(sealed: Buffer, key: Buffer, header: Uint8Array): Buffer | undefined {
  const tagAt = sealed.length - tagBytes
  if (tagAt < nonceBytes) return undefined
  const nonce = sealed.subarray(0, nonceBytes)
  const decipher = createDecipheriv(cipherName, key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(header).setAuthTag(sealed.subarray(tagAt))
  const opened = decipher.update(sealed.subarray(nonceBytes, tagAt))
  try {
    decipher.final()
  } catch {
    // The only thing that it throws for is a tag that does not fit.
    return undefined
  }
  return opened
}

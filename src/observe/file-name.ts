import { createHash } from "node:crypto"

/** ext4, APFS and NTFS allow 255; what callers append needs a little room. */
const nameLengthMax = 200

/**
 * A name from outside as one file name, readable and different for each different name: what is not a letter, digit, `_`,
 * `-` or a dot inside becomes %XX of its UTF-8 bytes. So nothing leaves its folder, and there is no hidden file. What
 * gets too long ends in `~` and a hash in place of the rest.
 */
export function safeFileName(name: string): string {
  const escaped = name === "" ? "~" : name.replace(/^\.|[^A-Za-z0-9._-]/gu, percentEncoded)
  if (escaped.length <= nameLengthMax) return escaped
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 32)
  return `${escaped.slice(0, nameLengthMax - hash.length - 1)}~${hash}`
}

function percentEncoded(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("")
}

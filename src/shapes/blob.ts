import { lengthAtLeast, lengthAtMost, unexpected } from "./scalars.ts"
import type { Shape } from "./shape.ts"

export interface BlobLimits {
  /** Decoded bytes. */
  readonly bytesMin?: number
  readonly bytesMax?: number
}

export interface BlobShape extends Shape<Buffer> {
  readonly kind: "blob"
  readonly limits: BlobLimits
}

/** Bytes, sent as base64: the standard alphabet, padded, and nothing else (spec/ingest.md, section 4). */
export function blob(doc: string, limits: BlobLimits = {}): BlobShape {
  return {
    kind: "blob",
    doc,
    sensitive: false,
    limits,
    read(value, path, problems) {
      if (typeof value !== "string") return problems.type(path, unexpected(value, "Blob"))
      const bytes = decodeBase64(value)
      if (bytes === undefined) return problems.type(path, base64Problem(value))
      const { bytesMin = 0, bytesMax = Number.POSITIVE_INFINITY } = limits
      const shown = `java.nio.HeapByteBuffer[pos=0 lim=${bytes.length} cap=${bytes.length}]`
      if (bytes.length < bytesMin) problems.constraint(path, shown, lengthAtLeast(bytesMin))
      if (bytes.length > bytesMax) problems.constraint(path, shown, lengthAtMost(bytesMax))
      return bytes
    },
  }
}

/**
 * The bytes of a base64 text, or undefined when AWS would refuse it.
 *
 * Node's decoder is fast and takes everything: it skips what is not in an alphabet, knows the URL-safe one too, stops at
 * the first "=", and of a character beyond Latin-1 looks at the low byte. But each character that it skips makes the result
 * shorter than the text's length promises, so four cheap checks are as strict as looking at every character.
 */
export function decodeBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0) return undefined
  if (text.length === 0) return Buffer.alloc(0)
  const paddingCount = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0
  const bytes = Buffer.from(text, "base64")
  if (bytes.length !== (text.length / 4) * 3 - paddingCount) return undefined
  if (text.includes("-") || text.includes("_") || beyondLatin1.test(text)) return undefined
  if (paddingCount > 0 && hasStrayBits(text, paddingCount)) return undefined
  return bytes
}

/** V8 need not look at a string that it keeps with a byte a character, as it keeps all base64. */
const beyondLatin1 = /[^\0-\xff]/

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/** The last character before the padding carries 2 or 4 bits that belong to no byte: they must be zero. */
function hasStrayBits(text: string, paddingCount: number): boolean {
  const last = alphabet.indexOf(text.charAt(text.length - 1 - paddingCount))
  return (last & (paddingCount === 1 ? 0b11 : 0b1111)) !== 0
}

/** What AWS says of a text that is not base64: spec/ingest.md, section 4. The value is cut to keep the answer small. */
function base64Problem(text: string): string {
  const shown = text.length <= 256 ? text : `${text.slice(0, 256)}...`
  return `'${shown}' can not be converted to a Blob: ${base64Reason(text)}`
}

function base64Reason(text: string): string {
  if (text.length % 4 !== 0) {
    return `Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`
  }
  const paddingCount = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0
  for (const character of text.slice(0, text.length - paddingCount)) {
    if (!alphabet.includes(character)) return `Invalid Base64 character: '${character}'`
  }
  // The spelling is AWS's.
  return "Invalid last non-pad Base64 character dectected"
}

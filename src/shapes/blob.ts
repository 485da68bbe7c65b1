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

/** The bytes of a base64 text, or undefined when AWS would refuse it. */
export function decodeBase64(text: string): Buffer | undefined {
  const length = base64Length(text)
  if (length === undefined) return undefined
  const target = Buffer.allocUnsafe(length)
  return decodeBase64Into(target, 0, text, length) ? target : undefined
}

/** How many bytes a base64 text stands for, if it is one; undefined when its length says that it is none. */
function base64Length(text: string): number | undefined {
  return text.length % 4 === 0 ? (text.length / 4) * 3 - paddingOf(text) : undefined
}

/**
 * Writes the bytes of a base64 text into `target` from `offset` on: `length` of them, which is what base64Length says. False
 * when AWS would refuse the text; what was written is then of no use.
 *
 * Node's decoder is fast and takes everything: it skips what is not in an alphabet, knows the URL-safe one too, stops at
 * the first "=", and of a character beyond Latin-1 looks at the low byte. But each character that it skips makes the result
 * shorter than the text's length promises, so four cheap checks are as strict as looking at every character.
 */
function decodeBase64Into(target: Buffer, offset: number, text: string, length: number): boolean {
  return (
    target.write(text, offset, length, "base64") === length &&
    !text.includes("-") &&
    !text.includes("_") &&
    !beyondLatin1.test(text) &&
    !hasStrayBits(text)
  )
}

const equals = 0x3d

function paddingOf(text: string): 0 | 1 | 2 {
  if (text.charCodeAt(text.length - 1) !== equals) return 0
  return text.charCodeAt(text.length - 2) === equals ? 2 : 1
}

/** V8 need not look at a string that it keeps with a byte a character, as it keeps all base64. */
const beyondLatin1 = /[^\0-\xff]/

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

/** The last character before the padding carries 2 or 4 bits that belong to no byte: they must be zero. */
function hasStrayBits(text: string): boolean {
  const paddingCount = paddingOf(text)
  if (paddingCount === 0) return false
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
  for (const character of text.slice(0, text.length - paddingOf(text))) {
    if (!alphabet.includes(character)) return `Invalid Base64 character: '${character}'`
  }
  // The spelling is AWS's.
  return "Invalid last non-pad Base64 character dectected"
}

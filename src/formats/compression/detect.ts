import type { Compression } from "./compression.ts"
import { compression } from "./compressions.ts"

/** What is known of an object beside its bytes. */
export interface ObjectHints {
  /** Its key or its file's name. */
  readonly name: string
  readonly contentEncoding: string | undefined
}

/** How many of an object's first bytes `detectCompression` wants to see. */
export const detectionBytes = 8

const snappyMagic = Buffer.from("82534e4150505900", "hex")

/**
 * How an object of text is compressed. Its first bytes say it, since names and headers may be lost or changed on the way: no
 * text begins as a compressed object does. Hadoop's Snappy has no mark of its own: its first byte is that of a length, 0.
 */
export function detectCompression(head: Uint8Array, { name, contentEncoding }: ObjectHints): Compression {
  const begins = (...bytes: readonly number[]) => bytes.every((byte, index) => head[index] === byte)
  if (begins(0x1f, 0x8b)) return compression("GZIP")
  if (begins(0x50, 0x4b, 0x03, 0x04)) return compression("ZIP")
  if (begins(...snappyMagic)) return compression("Snappy")
  const isCalledSnappy = contentEncoding === "hadoop-snappy" || /\.h?snappy$/.test(name)
  if (head.byteLength > 0 && (begins(0) || (isCalledSnappy && !isTextual(head[0])))) return compression("HADOOP_SNAPPY")
  return compression("UNCOMPRESSED")
}

/** A length whose first byte is above this would be of a block of half a GiB. */
function isTextual(first: number | undefined): boolean {
  return first !== undefined && first > 0x20
}

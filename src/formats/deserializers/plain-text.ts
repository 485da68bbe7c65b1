/**
 * Texts in JSON that are all ASCII and have no escape, as most are: four bytes are looked at in one go. Which of them is special is
 * found in bits: in each byte of `marks(word)`, from the lowest on, up to and including the first special one, the highest bit is
 * set just where the byte is a quote, a backslash, a control character or not ASCII.
 */

/** Longer ones are for the general way, so that room for a text is made before it is known how long it is. */
const plainBytesMax = 1024

/** How far the text that begins at `start` in a record that ends at `end` may be looked at: past its end as far as there are bytes. */
export function plainTextLimit(start: number, end: number, sizeBytes: number): number {
  return Math.min(start + plainBytesMax, end + 3, sizeBytes)
}

/** Copies the text that begins at `at` to `into`, up to `limit`. Answers where its first special byte is, or -1 if none was found. */
export function copyPlainText(view: DataView, at: number, limit: number, into: DataView, to: number): number {
  for (const last = limit - 4; at <= last; at += 4, to += 4) {
    const word = view.getInt32(at, true)
    into.setInt32(to, word, true)
    const special = marks(word)
    if (special !== 0) return at + lowestByte(special)
  }
  return -1
}

/** Answers where the first special byte from `at` on is, or -1 if none was found before `limit`. */
export function plainTextEnd(view: DataView, at: number, limit: number): number {
  for (const last = limit - 4; at <= last; at += 4) {
    const special = marks(view.getInt32(at, true))
    if (special !== 0) return at + lowestByte(special)
  }
  return -1
}

function marks(word: number): number {
  const isQuote = (word ^ 0x22222222) - 0x01010101
  const isBackslash = (word ^ 0x5c5c5c5c) - 0x01010101
  const isControl = word - 0x20202020
  return (isQuote | isBackslash | isControl | word) & 0x80808080
}

function lowestByte(special: number): number {
  return (31 - Math.clz32(special & -special)) >> 3
}

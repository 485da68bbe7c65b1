/**
 * Texts in JSON that are all ASCII and have no escape, as most are: four bytes are looked at in one go. Which of them is special is
 * found in bits: in each byte of `marks(word)`, from the lowest on, up to and including the first special one, the highest bit is
 * set just where the byte is a quote, a backslash, a control character or not ASCII.
 */

/**
 * Copies the text that begins at `at` to `into`, with up to three bytes more. Answers where its first special byte is, or -1 if none
 * was found in what `view` has before `end`. (A view's own size takes a call each time it is asked for.)
 */
export function copyPlainText(view: DataView, at: number, end: number, into: DataView, to: number): number {
  for (const last = end - 4; at <= last; at += 4, to += 4) {
    const word = view.getInt32(at, true)
    into.setInt32(to, word, true)
    const special = marks(word)
    if (special !== 0) return at + lowestByte(special)
  }
  return -1
}

/** Answers where the first special byte from `at` on is, or -1 if none was found before `end`. */
export function plainTextEnd(view: DataView, at: number, end: number): number {
  for (const last = end - 4; at <= last; at += 4) {
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

/**
 * Finds where JSON values end, in their bytes, in one pass and without making anything of them. As strict as JSON.parse; whether
 * the bytes are UTF-8 is the caller's to know.
 */

/** How deep arrays and objects may be in each other. */
export const depthMax = 10_000

const [tab, lineFeed, carriageReturn, space] = [0x09, 0x0a, 0x0d, 0x20]
const [quote, plus, comma, minus, dot, slash, colon, backslash] = [0x22, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x3a, 0x5c]
const [zero, nine] = [0x30, 0x39]
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d]
const [upperE, lowerB, lowerE, lowerF, lowerN, lowerR, lowerT, lowerU] = [
  0x45, 0x62, 0x65, 0x66, 0x6e, 0x72, 0x74, 0x75,
]
const [lineTrue, lineFalse, lineNull] = [Buffer.from("true"), Buffer.from("false"), Buffer.from("null")]

/** What closes each container that is open: kept from call to call, which none of them outlives. */
const closers = new Uint8Array(depthMax)

/**
 * Where the value that begins at `start` ends: the index after its last byte. -1 when there is no whole one, or it is deeper
 * than `depthLimit`, which is at most depthMax.
 */
export function endOfJsonValue(bytes: Uint8Array, start: number, depthLimit: number = depthMax): number {
  let at = start
  let depth = 0
  for (;;) {
    at = skipSpace(bytes, at)
    const first = bytes[at]
    if (first === openBrace || first === openBracket) {
      if (depth === depthLimit) return -1
      const closer = first === openBrace ? closeBrace : closeBracket
      at = skipSpace(bytes, at + 1)
      if (bytes[at] === closer) {
        at++
      } else {
        closers[depth++] = closer
        if (closer === closeBrace) at = endOfName(bytes, at)
        if (at === -1) return -1
        continue
      }
    } else {
      at = endOfScalar(bytes, at, first)
      if (at === -1) return -1
    }
    // A value has ended: so may those that it is in.
    for (;;) {
      if (depth === 0) return at
      at = skipSpace(bytes, at)
      const next = bytes[at++]
      const closer = closers[depth - 1]
      if (next === closer) {
        depth--
      } else if (next === comma) {
        if (closer === closeBrace) at = endOfName(bytes, skipSpace(bytes, at))
        if (at === -1) return -1
        break
      } else {
        return -1
      }
    }
  }
}

/** Where what is no space begins. */
export function skipSpace(bytes: Uint8Array, start: number): number {
  let at = start
  while (at < bytes.length) {
    const byte = bytes[at]
    if (byte !== space && byte !== lineFeed && byte !== carriageReturn && byte !== tab) break
    at++
  }
  return at
}

/** Whether a JSON object, and nothing else, may begin there. */
export function beginsObject(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === openBrace
}

/** After a member's name and its colon. */
function endOfName(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== quote) return -1
  const end = endOfString(bytes, start)
  if (end === -1) return -1
  const at = skipSpace(bytes, end)
  return bytes[at] === colon ? at + 1 : -1
}

function endOfScalar(bytes: Uint8Array, at: number, first: number | undefined): number {
  switch (first) {
    case quote:
      return endOfString(bytes, at)
    case lowerT:
      return endOfWord(bytes, at, lineTrue)
    case lowerF:
      return endOfWord(bytes, at, lineFalse)
    case lowerN:
      return endOfWord(bytes, at, lineNull)
    default:
      return endOfNumber(bytes, at)
  }
}

function endOfString(bytes: Uint8Array, start: number): number {
  const { length } = bytes
  let at = start + 1
  while (at < length) {
    const byte = bytes[at] ?? 0
    if (byte === quote) return at + 1
    if (byte < space) return -1
    at = byte === backslash ? endOfEscape(bytes, at + 1) : at + 1
    if (at === -1) return -1
  }
  return -1
}

/** `at`: after the backslash. */
function endOfEscape(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case quote:
    case backslash:
    case slash:
    case lowerB:
    case lowerF:
    case lowerN:
    case lowerR:
    case lowerT:
      return at + 1
    case lowerU: {
      for (let index = at + 1; index <= at + 4; index++) if (!isHexDigit(bytes[index] ?? 0)) return -1
      return at + 5
    }
    default:
      return -1
  }
}

function endOfWord(bytes: Uint8Array, start: number, word: Uint8Array): number {
  for (let index = 0; index < word.length; index++) if (bytes[start + index] !== word[index]) return -1
  return start + word.length
}

function endOfNumber(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === minus ? start + 1 : start
  if (bytes[at] === zero) at++
  else at = endOfDigits(bytes, at)
  if (at !== -1 && bytes[at] === dot) at = endOfDigits(bytes, at + 1)
  if (at !== -1 && (bytes[at] === lowerE || bytes[at] === upperE)) {
    const sign = bytes[at + 1]
    at = endOfDigits(bytes, sign === plus || sign === minus ? at + 2 : at + 1)
  }
  return at
}

/** At least one digit. */
function endOfDigits(bytes: Uint8Array, start: number): number {
  let at = start
  while (at < bytes.length && isDigit(bytes[at] ?? 0)) at++
  return at === start ? -1 : at
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine
}

function isHexDigit(byte: number): boolean {
  // Letters of either case: 0x61 to 0x66 with the bit that tells them apart.
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
}

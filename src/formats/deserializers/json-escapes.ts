/** Escapes in JSON strings: a backslash and a letter, or `u` and four hexadecimal digits of a UTF-16 code unit. */

export const backslash = 0x5c
export const letterU = 0x75
const zero = 0x30
const nine = 0x39

/** Bytes that escapes of one letter stand for, by the letter. */
const escapes = new Uint8Array(256)
for (const [letter, character] of ['""', "\\\\", "//", "b\b", "f\f", "n\n", "r\r", "t\t"].map((pair) => [...pair])) {
  escapes[(letter ?? "").charCodeAt(0)] = (character ?? "").charCodeAt(0)
}

/** Whether this byte may come after a backslash. */
export function isEscapeLetter(byte: number): boolean {
  return escapes[byte] !== 0 || byte === letterU
}

export function isHexDigit(byte: number): boolean {
  return hexDigit(byte) !== -1
}

/**
 * Writes what the string `source[start, end)` says to `target`, as UTF-8, which takes no more bytes. Its escapes are known to be well
 * formed. Answers where it ends there, or undefined if it has half of a surrogate pair.
 */
export function writeUnescaped(source: Uint8Array, start: number, end: number, target: Uint8Array): number | undefined {
  let into = 0
  for (let at = start; at < end; ) {
    const byte = source[at++] ?? 0
    if (byte !== backslash) {
      target[into++] = byte
      continue
    }
    const letter = source[at++] ?? 0
    if (letter !== letterU) {
      target[into++] = escapes[letter] ?? 0
      continue
    }
    let code = hexNumber(source, at)
    at += 4
    if (code >= 0xd800 && code < 0xe000) {
      const low =
        at + 6 <= end && source[at] === backslash && source[at + 1] === letterU ? hexNumber(source, at + 2) : 0
      if (code >= 0xdc00 || low < 0xdc00 || low >= 0xe000) return undefined
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
      at += 6
    }
    into = writeUtf8(target, into, code)
  }
  return into
}

function hexDigit(byte: number): number {
  if (byte >= zero && byte <= nine) return byte - zero
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

function hexNumber(bytes: Uint8Array, at: number): number {
  let value = 0
  for (let index = at; index < at + 4; index++) value = value * 16 + hexDigit(bytes[index] ?? 0)
  return value
}

/** Writes a code point. Answers where the next one goes. An escape is never shorter than what it stands for. */
function writeUtf8(target: Uint8Array, into: number, code: number): number {
  if (code < 0x80) {
    target[into] = code
    return into + 1
  }
  if (code < 0x800) {
    target[into] = 0xc0 | (code >> 6)
    target[into + 1] = 0x80 | (code & 0x3f)
    return into + 2
  }
  if (code < 0x10000) {
    target[into] = 0xe0 | (code >> 12)
    target[into + 1] = 0x80 | ((code >> 6) & 0x3f)
    target[into + 2] = 0x80 | (code & 0x3f)
    return into + 3
  }
  target[into] = 0xf0 | (code >> 18)
  target[into + 1] = 0x80 | ((code >> 12) & 0x3f)
  target[into + 2] = 0x80 | ((code >> 6) & 0x3f)
  target[into + 3] = 0x80 | (code & 0x3f)
  return into + 4
}

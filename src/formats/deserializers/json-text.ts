import { colon, decoded, quote } from "./json-input.ts"

const backslash = 0x5c

/**
 * What a string column gets of an object or array, `bytes[start, end)`, which is known to be JSON: its text without space between
 * tokens. Names of members are put in lower case when that is asked for (spec/format-conversion.md, section 3).
 */
export function jsonText(bytes: Uint8Array, start: number, end: number, lowerCasesNames: boolean): Uint8Array {
  // In lower case a name can take half as much again.
  const target = new Uint8Array(2 * (end - start))
  let into = 0
  for (let at = start; at < end; ) {
    const byte = bytes[at] ?? 0
    if (byte !== quote) {
      if (byte > 0x20) target[into++] = byte
      at++
      continue
    }
    const from = at
    at = stringEnd(bytes, at)
    const text = bytes.subarray(from, at)
    const written = lowerCasesNames && isName(bytes, at, end) ? inLowerCase(text) : text
    target.set(written, into)
    into += written.length
  }
  return target.subarray(0, into)
}

/** Where the string that begins at `at` ends. */
function stringEnd(bytes: Uint8Array, at: number): number {
  let end = at + 1
  while (bytes[end] !== quote) end += bytes[end] === backslash ? 2 : 1
  return end + 1
}

/** Whether what ends at `at` is a member's name. */
function isName(bytes: Uint8Array, at: number, end: number): boolean {
  let next = at
  while (next < end && (bytes[next] ?? 0) <= 0x20) next++
  return next < end && bytes[next] === colon
}

/** A JSON string in lower case. */
function inLowerCase(text: Uint8Array): Uint8Array {
  const name: unknown = JSON.parse(decoded(text, 0, text.length))
  return Buffer.from(JSON.stringify(String(name).toLowerCase()))
}

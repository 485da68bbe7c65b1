/**
 * Percent-encoding over bytes. Node gives the bytes of a request line as characters of one byte each, and these functions
 * keep to that: text in UTF-8 passes through them byte by byte, and nothing that a request can hold makes them throw, as
 * `encodeURIComponent` and `decodeURIComponent` do.
 */

/** Every byte but A-Z, a-z, 0-9 and -._~ as %XX in upper case: the only encoding that SigV4 knows. */
export function percentEncode(text: string): string {
  return text.replace(/[^A-Za-z0-9\-._~]/g, encoded)
}

function encoded(character: string): string {
  return `%${(character.charCodeAt(0) & 0xff).toString(16).toUpperCase().padStart(2, "0")}`
}

/** Turns each %XX into its byte; a percent sign without two digits after it stays what it is. */
export function percentDecode(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}

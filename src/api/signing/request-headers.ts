/**
 * A request's headers by their names in lower case, in the canonical form of SigV4: values trimmed, inner runs of spaces
 * and tabs as one space, values of one name joined with commas in the order they came (spec/api.md, section 2).
 */
export type RequestHeaders = ReadonlyMap<string, string>

/** `rawHeaders` alternates names and values, as Node gives them. */
export function readHeaders(rawHeaders: readonly string[]): RequestHeaders {
  const headers = new Map<string, string>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase()
    const value = canonicalValue(rawHeaders[index + 1] ?? "")
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before},${value}`)
  }
  return headers
}

const unusualSpace = /^ | $|\t| {2}/

/**
 * Only spaces and tabs count: JavaScript's own idea of white space holds U+00A0, and as Node gives bytes as characters,
 * that would tear a character in UTF-8 such as "à".
 */
function canonicalValue(value: string): string {
  if (!unusualSpace.test(value)) return value
  return value.replace(/[ \t]+/g, " ").replace(/^ | $/g, "")
}

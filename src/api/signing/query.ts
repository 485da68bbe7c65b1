import { percentDecode } from "./uri-encoding.ts"

/** One name and value of a query, decoded. */
export interface QueryPair {
  readonly name: string
  readonly value: string
}

/** The pairs of a query, in order; `text` is what follows the question mark. A name alone has an empty value. */
export function readQuery(text: string): readonly QueryPair[] {
  const pairs: QueryPair[] = []
  for (const part of text.split("&")) {
    if (part === "") continue
    const equals = part.indexOf("=")
    if (equals === -1) pairs.push({ name: percentDecode(part), value: "" })
    else pairs.push({ name: percentDecode(part.slice(0, equals)), value: percentDecode(part.slice(equals + 1)) })
  }
  return pairs
}

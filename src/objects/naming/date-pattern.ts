import assert from "node:assert/strict"
import { type DateField, dateLetters } from "./date-letters.ts"
import { localMoment } from "./local-moment.ts"
import type { TimeZone } from "./time-zone.ts"

/**
 * Patterns of java.time.format.DateTimeFormatter, which `!{timestamp:...}` holds (spec/s3.md, section 2), read once:
 *
 *     pattern = { ["p"...] letters | "'" text "'" | "''" | "[" | "]" | other character }
 *
 * letters: one letter, repeated. `p` repeated n times pads what follows with spaces to n characters. In a quoted text `''`
 * is a quote. `[` and `]` mark an optional section, which is always written: a moment has every field. `{`, `}` and `#` are
 * reserved. Other characters stand for themselves.
 */
export interface DatePattern {
  format(instantMs: number, zone: TimeZone): string
}

/** The pattern, or undefined when Java (JDK 17) refuses it. */
export function parseDatePattern(pattern: string): DatePattern | undefined {
  const fields: DateField[] = []
  let openSections = 0
  for (const token of pattern.matchAll(tokens)) {
    const field = readToken(token[0], token.groups ?? {})
    if (field === undefined) return undefined
    fields.push(field)
    if (token[0] === "[") openSections++
    if (token[0] === "]" && --openSections < 0) return undefined
  }
  return {
    format(instantMs, zone) {
      const moment = localMoment(instantMs, zone)
      return fields.map((field) => field(moment)).join("")
    },
  }
}

/** One of the program's own patterns. */
export function knownDatePattern(pattern: string): DatePattern {
  const parsed = parseDatePattern(pattern)
  assert(parsed !== undefined, `Not a date pattern: "${pattern}"`)
  return parsed
}

const tokens = /(?<pad>p+)?(?<letters>(?<letter>[A-Za-oq-z])\k<letter>*)|'(?<quoted>(?:[^']|'')*)'|./gsu

type TokenParts = { readonly [part in "pad" | "letter" | "letters" | "quoted"]?: string }

function readToken(token: string, { pad, letter, letters, quoted }: TokenParts): DateField | undefined {
  if (letter !== undefined && letters !== undefined) {
    const field = dateLetters.get(letter)?.(letters.length)
    return field === undefined || pad === undefined ? field : padded(field, pad.length)
  }
  if (quoted !== undefined) return literal(quoted === "" ? "'" : quoted.replaceAll("''", "'"))
  if (token === "[" || token === "]") return literal("")
  // A quote or a p that is met here begins nothing.
  return "'p{}#".includes(token) ? undefined : literal(token)
}

/** Java throws for a text that is too long. A key is needed whatever the moment, so here it is left as it is. */
function padded(field: DateField, width: number): DateField {
  return (moment) => field(moment).padStart(width, " ")
}

function literal(text: string): DateField {
  return () => text
}

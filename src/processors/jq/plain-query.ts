/** jq programs that need no jq: most of those that name partitions. spec/processing.md, section 4. */
import { numberText } from "./number-text.ts"
import { type Token, tokenize } from "./query-tokens.ts"

/**
 * What a plain query says of one record, given as JSON text: its values as texts; `empty` when one of them is null, missing or
 * empty; `ask` when jq is to be asked, since its answer is another one, or may be.
 */
export type PlainQuery = (json: string) => Readonly<Record<string, string>> | "empty" | "ask"

/** Longer values are jq's, which gives up on answers that are too large. */
const valueLengthMax = 1000
/** jq refuses halves of surrogate pairs. Other characters are hardly ever escaped in that form. */
const surrogateEscape = /\\u[dD]/

/**
 * The query without jq, when it is an object of constants and paths of names: `{a:.b.c, "d":.["e f"], g, h:"i"}`. Undefined
 * when it is anything else.
 */
export function plainQuery(query: string): PlainQuery | undefined {
  const members = readMembers(query)
  if (members === undefined) return undefined
  return (json) => {
    if (json.includes("\\u") && surrogateEscape.test(json)) return "ask"
    const record: Json = JSON.parse(json)
    const texts: Record<string, string> = {}
    let isEmpty = false
    for (const { key, value } of members) {
      const text = typeof value === "string" ? value : textAt(record, value)
      if (text === undefined) return "ask"
      // What jq makes of those that follow decides first.
      if (text === "") isEmpty = true
      texts[key] = text
    }
    return isEmpty ? "empty" : texts
  }
}

/** What is found along a path as a text, which is empty for null; undefined when that is jq's to say. */
function textAt(record: Json, path: readonly string[]): string | undefined {
  let value = record
  for (const name of path) {
    if (value === null) return ""
    if (typeof value !== "object" || Array.isArray(value)) return undefined
    // What an object inherits is none of its own.
    value = (Object.hasOwn(value, name) ? value[name] : undefined) ?? null
  }
  if (value === null) return ""
  if (typeof value === "string") return value.length <= valueLengthMax ? value : undefined
  if (typeof value === "boolean") return String(value)
  return typeof value === "number" && Number.isFinite(value) ? numberText(value) : undefined
}

type Json = null | boolean | number | string | Json[] | { readonly [name: string]: Json }

interface Member {
  readonly key: string
  /** A constant's text, or a path. */
  readonly value: string | readonly string[]
}

/** What the lexer of jq reads in another way than `tokenize` does, or may: comments, escapes, spaces beyond ASCII. */
const unsure = /[#\\]|[^\S \t\r\n]|\p{Surrogate}/u
const plainString = /^"[^"\\\p{Control}]*"$/u
const plainInteger = /^(?:0|[1-9][0-9]{0,14})$/
const plainName = /^[a-zA-Z_][a-zA-Z0-9_]*$/
/** Words of jq's own, which name members only in some of its versions, or in some places. */
const notNames = new Set([
  ...["and", "as", "catch", "def", "elif", "else", "end", "foreach", "if", "import", "include", "label", "module"],
  ...["or", "reduce", "then", "try", "__loc__"],
])

function readMembers(query: string): readonly Member[] | undefined {
  if (unsure.test(query)) return undefined
  const { tokens, isWhole } = tokenize(query)
  if (!isWhole || tokens.at(0)?.text !== "{" || tokens.at(-1)?.text !== "}") return undefined
  const members: Member[] = []
  let at = 1
  do {
    const key = nameOf(tokens[at++])
    // Where JavaScript has ideas of its own.
    if (key === undefined || key === "__proto__" || members.some((member) => member.key === key)) return undefined
    let value: Member["value"] | undefined = [key]
    if (tokens[at]?.text === ":") {
      const start = ++at
      while (at < tokens.length - 1 && tokens[at]?.text !== ",") at++
      value = readValue(tokens.slice(start, at))
    }
    if (value === undefined) return undefined
    members.push({ key, value })
  } while (isSign(tokens[at++], ","))
  return at === tokens.length ? members : undefined
}

/** A key, or what is a string of its own. */
function nameOf(token: Token | undefined): string | undefined {
  if (token?.kind === "string") return stringOf(token)
  const isName = token?.kind === "word" && plainName.test(token.text) && !notNames.has(token.text)
  return isName ? token.text : undefined
}

function stringOf(token: Token | undefined): string | undefined {
  return token?.kind === "string" && plainString.test(token.text) ? token.text.slice(1, -1) : undefined
}

function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === "sign" && token.text === text
}

function readValue(tokens: readonly Token[]): Member["value"] | undefined {
  const [first] = tokens
  if (first === undefined) return undefined
  if (tokens.length > 1 || first.kind === "field") return readPath(tokens)
  if (first.kind === "string") return stringOf(first)
  if (first.kind === "number") return plainInteger.test(first.text) ? first.text : undefined
  return first.kind === "word" && (first.text === "true" || first.text === "false") ? first.text : undefined
}

/** `.a.b`, `."a b"`, `.a["b"]`, `.["a"]["b"]`. */
function readPath(tokens: readonly Token[]): readonly string[] | undefined {
  const path: string[] = []
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at]
    if (token?.kind === "field") {
      path.push(token.text.slice(1))
      at++
      continue
    }
    const isDotted = isSign(token, ".")
    if (isDotted) at++
    const isBracketed = isSign(tokens[at], "[") && isSign(tokens[at + 2], "]") && (isDotted || at > 0)
    const name = isBracketed ? stringOf(tokens[at + 1]) : isDotted ? stringOf(tokens[at]) : undefined
    if (name === undefined) return undefined
    path.push(name)
    at += isBracketed ? 3 : 1
  }
  return path
}

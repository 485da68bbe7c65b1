/** A token of a jq program: spaces and comments are none. */
export interface Token {
  /** `text`: with its dot, dollar or at sign, if it has one. `string`: with its quotes. `code-string`: one with `\(...)` in it. */
  readonly kind: "word" | "field" | "variable" | "format" | "number" | "string" | "code-string" | "sign"
  readonly text: string
  /** What the bracket that it is in opens with; empty outside of all. */
  readonly within: string
  /** How many brackets it is in: an opening or closing one is not in itself. */
  readonly depth: number
}

const space = /[\s]+|#[^\n]*/y
const patterns: readonly (readonly [Token["kind"], RegExp])[] = [
  ["field", /\.[a-zA-Z_][a-zA-Z0-9_]*/y],
  ["number", /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y],
  ["variable", /\$\s*(?:[a-zA-Z_][a-zA-Z0-9_]*::)*[a-zA-Z_][a-zA-Z0-9_]*/y],
  ["format", /@[a-zA-Z0-9_]+/y],
  ["word", /(?:[a-zA-Z_][a-zA-Z0-9_]*::)*[a-zA-Z_][a-zA-Z0-9_]*/y],
  ["sign", /[^"]/y],
]
const stringPart = /(?:[^"\\]|\\[^(])*/y
const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}", "\\(": ")" }

/** A jq program cut into its tokens. `isWhole`: no string or bracket is left open, or closed twice. */
export function tokenize(query: string): { readonly tokens: readonly Token[]; readonly isWhole: boolean } {
  const tokens: Token[] = []
  const open: string[] = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const text = pattern.exec(query)?.[0]
    if (text !== undefined) at += text.length
    return text
  }
  const add = (kind: Token["kind"], text: string) =>
    tokens.push({ kind, text, within: open.at(-1) ?? "", depth: open.length })

  /** From its quote, or from where code in it has ended, to its end or the next code in it. False when neither comes. */
  const takeString = (isContinued: boolean): boolean => {
    const start = isContinued ? at : at++
    take(stringPart)
    if (query[at] === '"') {
      at++
      if (!isContinued) add("string", query.slice(start, at))
      return true
    }
    if (query.startsWith("\\(", at)) {
      at += 2
      if (!isContinued) add("code-string", "")
      add("sign", "\\(")
      open.push("\\(")
      return true
    }
    return false
  }

  while (at < query.length) {
    if (take(space) !== undefined) continue
    if (query[at] === '"') {
      if (!takeString(false)) return { tokens, isWhole: false }
      continue
    }
    for (const [kind, pattern] of patterns) {
      const text = take(pattern)
      if (text === undefined) continue
      if (kind !== "sign") {
        add(kind, kind === "variable" ? text.replace(/\s/g, "") : text)
      } else if (text in closing) {
        add(kind, text)
        open.push(text)
      } else if (text === ")" || text === "]" || text === "}") {
        const opened = open.pop()
        if (opened === undefined || closing[opened] !== text) return { tokens, isWhole: false }
        add(kind, text)
        if (opened === "\\(" && !takeString(true)) return { tokens, isWhole: false }
      } else {
        add(kind, text)
      }
      break
    }
  }
  return { tokens, isWhole: open.length === 0 }
}

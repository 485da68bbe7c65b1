/** What can be said of a jq program by its text alone: spec/processing.md, section 4. */

/**
 * What would reach out of the record: other records, the process, files. jq runs many records of a stream in one go, which
 * none of them may notice.
 */
const forbidden = new Set([
  ...["input", "inputs", "debug", "stderr", "halt", "halt_error", "input_line_number", "input_filename"],
  ...["env", "$ENV", "$__prog_args", "import", "include", "modulemeta", "get_search_list"],
])

interface Token {
  /** `text`: with its dot, dollar or at sign, if it has one. `string`: with its quotes. `code-string`: one with `\(...)` in it. */
  readonly kind: "word" | "field" | "variable" | "format" | "number" | "string" | "code-string" | "sign"
  readonly text: string
  /** What the bracket that it is in opens with; empty outside of all. */
  readonly within: string
  /** How many brackets it is in: an opening or closing one is not in itself. */
  readonly depth: number
}

/** The first word of a query that it must not hold; undefined when there is none. */
export function forbiddenWord(query: string): string | undefined {
  const { tokens } = tokenize(query)
  return tokens.find((token, index) => forbidden.has(token.text) && !isKey(tokens, index))?.text
}

/**
 * The keys of the object that a query gives, as far as its text says them. Undefined when it does not end in an object that
 * is written out.
 */
export function queryKeys(query: string): readonly string[] | undefined {
  const { tokens, isWhole } = tokenize(query)
  if (!isWhole) return undefined
  const before = tokens.findLastIndex(({ depth, text }) => depth === 0 && (text === "|" || text === ";"))
  const object = tokens.slice(before + 1)
  const isObject =
    object[0]?.text === "{" && object.findIndex(({ text, depth }) => text === "}" && depth === 0) === object.length - 1
  if (!isObject) return undefined
  return object.flatMap((token, index) => {
    const before = object[index - 1]?.text
    const key = token.depth === 1 && (before === "{" || before === ",") ? keyOf(token) : undefined
    return key === undefined ? [] : [key]
  })
}

/** What a key is called; undefined when its text does not say. */
function keyOf({ kind, text }: Token): string | undefined {
  if (kind === "word") return text
  if (kind === "variable") return text.slice(1)
  return kind === "string" ? unquote(text) : undefined
}

function unquote(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "string" ? value : undefined
  } catch {
    // jq knows no other escapes than JSON: it will say so when the query is run.
    return undefined
  }
}

/** Whether a word names a member of an object: `{input: 1}`, `{input}`. */
function isKey(tokens: readonly Token[], index: number): boolean {
  const [before, token, after] = [tokens[index - 1]?.text, tokens[index], tokens[index + 1]?.text]
  return (
    token?.kind === "word" &&
    token.within === "{" &&
    (before === "{" || before === ",") &&
    (after === ":" || after === "," || after === "}")
  )
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

/** `isWhole`: no string or bracket is left open, or closed twice. */
function tokenize(query: string): { readonly tokens: readonly Token[]; readonly isWhole: boolean } {
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

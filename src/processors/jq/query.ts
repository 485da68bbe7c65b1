/** What can be said of a jq program by its text alone: spec/processing.md, section 4. */
import { type Token, tokenize } from "./query-tokens.ts"

/**
 * What would reach out of the record: other records, the process, files. jq runs many records of a stream in one go, which
 * none of them may notice.
 */
const forbidden = new Set([
  ...["input", "inputs", "debug", "stderr", "halt", "halt_error", "input_line_number", "input_filename"],
  ...["env", "$ENV", "$__prog_args", "import", "include", "modulemeta", "get_search_list"],
])

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

import { type JsonInput, minus, openBrace, openBracket, quote } from "./json-input.ts"
import type { Found, Rules, Wanted } from "./value-reader.ts"

/** Takes the value that is next and begins with the byte `first`, and fails because it is of another kind than wanted. */
export function takeMismatch(input: JsonInput, first: number, rules: Rules, wanted: Wanted): false {
  const start = input.at
  if (first === quote ? !input.takeText() : !input.skipValue()) return false
  const text = first === quote ? input.textAsString() : Buffer.from(input.bytes.subarray(start, input.at)).toString()
  return input.mismatch(rules.mismatch(wanted, { kind: kindOf(first, text), text }))
}

/** Whether a value that begins with this byte is a number. */
export function isNumberStart(first: number): boolean {
  return first === minus || (first >= 0x30 && first <= 0x39)
}

function kindOf(first: number, text: string): Found["kind"] {
  if (first === quote) return "string"
  if (first === openBrace) return "object"
  if (first === openBracket) return "array"
  return text === "true" || text === "false" ? text : "number"
}

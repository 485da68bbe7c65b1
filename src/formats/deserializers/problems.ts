/**
 * What is wrong with a record, in the words of its error object (spec/format-conversion.md, section 6). Texts that were measured at
 * AWS are as they were; those of Java's exceptions are what Hive's deserializers let through.
 *
 * | found                                             | code          | message                                               |
 * | ------------------------------------------------- | ------------- | ----------------------------------------------------- |
 * | no JSON                                           | ParseError    | `malformedJson`                                       |
 * | control character between tokens                  | MalformedData | `illegalCharacter`                                    |
 * | bytes that are no UTF-8                           | MalformedData | `notUtf8`                                             |
 * | half a surrogate pair in a text that is kept      | MalformedData | `notUnicode`                                          |
 * | key of more than 262,144 characters               | MalformedData | `keyTooLong`                                          |
 * | values nested too deeply                          | MalformedData | `nestedTooDeeply`                                     |
 * | nothing, or no object                             | MalformedData | `noObject`                                            |
 * | text or number that is none of the column's type  | MalformedData | `notInFormat`                                         |
 * | value of another kind than the column's           | MalformedData | what the deserializer says: `openx.ts`, `hive.ts`     |
 * | key that is none of the map's key type            | InvalidRecord | `invalidMapKey`                                       |
 *
 * Of several problems the one that is told is the first of those that make it no JSON text, and else the first of the others.
 */
import type { ConversionProblem } from "./row-reader.ts"

/** Characters of a record's value that a message repeats at most. */
const quotedCharactersMax = 256

export const keyCharactersMax = 262_144
export const nestingMax = 500
/** Nulls that stand for members which are not there, in one record: `{}` again and again would make as many as columns each. */
export const absentMax = 4_000_000

export function malformedJson(text: string): ConversionProblem {
  return { code: "DataFormatConversion.ParseError", message: `Encountered malformed JSON. ${text}` }
}

/** Any mismatch, in its own words. */
export function malformedData(message: string): ConversionProblem {
  return { code: "DataFormatConversion.MalformedData", message }
}

export function doesNotMatch(text: string): ConversionProblem {
  return malformedData(`Data does not match the schema. ${text}`)
}

/** As Java's NumberFormatException says it. */
export function notInFormat(text: string): ConversionProblem {
  return doesNotMatch(`For input string: "${shortened(text)}"`)
}

export const noObject = doesNotMatch("A JSON object is required.")

export function illegalCharacter(byte: number): ConversionProblem {
  return doesNotMatch(
    `Illegal character ((CTRL-CHAR, code ${byte})): only regular white space (\\r, \\n, \\t) is allowed between tokens`,
  )
}

export const notUtf8 = doesNotMatch("The record is not UTF-8")

export function notUnicode(text: string): ConversionProblem {
  return doesNotMatch(`The text "${shortened(text)}" has half of a surrogate pair, which is no character`)
}

export const keyTooLong = doesNotMatch(`A JSON key is longer than ${keyCharactersMax} characters`)

export const nestedTooDeeply = doesNotMatch(`Values are nested in more than ${nestingMax} others`)

export const tooManyAbsent = doesNotMatch(`More than ${absentMax} values are absent in one record`)

export function invalidMapKey(text: string, keyType: string): ConversionProblem {
  return {
    code: "DataFormatConversion.InvalidRecord",
    message: `Data does not match the schema. The map key "${shortened(text)}" is no ${keyType}`,
  }
}

/** So much of a text as a message repeats. */
export function shortened(text: string): string {
  return text.length <= quotedCharactersMax ? text : `${text.slice(0, quotedCharactersMax)}...`
}

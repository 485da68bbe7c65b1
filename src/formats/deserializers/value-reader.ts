import type { Values } from "../columns/index.ts"
import type { JsonInput } from "./json-input.ts"
import type { Moment } from "./moments.ts"
import type { ConversionProblem } from "./row-reader.ts"

/**
 * Reads values into a column. Like all here that takes something of a `JsonInput`, it answers false when the record can't be taken;
 * whoever opened the record takes back what was appended.
 */
export interface ValueReader {
  readonly values: Values
  /** Appends the value that is next, whose first byte is `first`. It is not null. */
  read(input: JsonInput, first: number): boolean
  /** Appends the value that a map's key stands for, which is the text that was taken last. */
  readName(input: JsonInput): boolean
}

/** What `readPlain` answers for a value that it did not append. */
export const notPlain = -1

/** Where the deserializers differ (spec/format-conversion.md, section 3). */
export interface Rules {
  readonly names: NameRules
  /** Whether names that become part of a value are in lower case there: a map's keys, and those in JSON that becomes a text. */
  readonly lowerCasesNames: boolean
  /**
   * Whether a value of another kind than the column's is made one where it can be: a number in a string, a single element for an
   * array, an array for a struct, anything as JSON for a text.
   */
  readonly isLenient: boolean
  /** Reads `text[start, end)`, a string or number. Answers whether it is a timestamp. */
  readMoment(text: Uint8Array, start: number, end: number, moment: Moment): boolean
  /** What is wrong with a value of another kind than wanted. */
  mismatch(wanted: Wanted, found: Found): ConversionProblem
}

/** How JSON keys are matched to columns, and to fields of structs. */
export interface NameRules {
  readonly caseInsensitive: boolean
  readonly dotsToUnderscores: boolean
  /** The JSON key of a column. */
  keyOf(column: string): string
}

/** The kind of value that a column takes: `text` for all types that are written as one. */
export type Wanted = "boolean" | "number" | "text" | "array" | "map" | "struct"

/** A value of another kind than wanted. `text` is what a string says, and of all others their JSON. */
export interface Found {
  readonly kind: "string" | "number" | "true" | "false" | "array" | "object"
  readonly text: string
}

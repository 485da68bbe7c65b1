import type { JsonInput } from "./json-input.ts"
import {
  BooleanReader,
  DecimalReader,
  DoubleReader,
  IntegerReader,
  LongReader,
  TextReader,
  TimestampReader,
} from "./scalar-readers.ts"
import { notPlain, type ValueReader } from "./value-reader.ts"

/**
 * A reader that has a quick way for plain values: `readPlain`, which takes numbers of few digits, short texts of ASCII without escapes
 * and the like, and leaves `input` as it is. Which class it is of is told apart by `kind`, so that each call is to one class,
 * and the optimizing compiler puts the code in its place. (That is lost with `reader` in a variable: V8 counts calls of one name on
 * one variable as one.)
 */
export type PlainReader =
  | { readonly kind: "text"; readonly reader: TextReader }
  | { readonly kind: "integer"; readonly reader: IntegerReader }
  | { readonly kind: "long"; readonly reader: LongReader }
  | { readonly kind: "double"; readonly reader: DoubleReader }
  | { readonly kind: "decimal"; readonly reader: DecimalReader }
  | { readonly kind: "boolean"; readonly reader: BooleanReader }
  | { readonly kind: "timestamp"; readonly reader: TimestampReader }
  | { readonly kind: "none"; readonly reader: ValueReader }

export function plainReader(reader: ValueReader): PlainReader {
  if (reader instanceof TextReader) return { kind: "text", reader }
  if (reader instanceof IntegerReader) return { kind: "integer", reader }
  if (reader instanceof LongReader) return { kind: "long", reader }
  if (reader instanceof DoubleReader) return { kind: "double", reader }
  if (reader instanceof DecimalReader) return { kind: "decimal", reader }
  if (reader instanceof BooleanReader) return { kind: "boolean", reader }
  if (reader instanceof TimestampReader) return { kind: "timestamp", reader }
  return { kind: "none", reader }
}

/** Appends the value at `at` if it is a plain one. Answers where it ends, or `notPlain` when nothing was appended. */
export function readPlain(plain: PlainReader, input: JsonInput, at: number): number {
  switch (plain.kind) {
    case "text":
      return plain.reader.readPlain(input, at)
    case "integer":
      return plain.reader.readPlain(input, at)
    case "long":
      return plain.reader.readPlain(input, at)
    case "double":
      return plain.reader.readPlain(input, at)
    case "decimal":
      return plain.reader.readPlain(input, at)
    case "boolean":
      return plain.reader.readPlain(input, at)
    case "timestamp":
      return plain.reader.readPlain(input, at)
    case "none":
      return notPlain
  }
}

import type { Values } from "../columns/index.ts"
import { type JsonInput, letterN } from "./json-input.ts"
import { type PlainReader, plainReader, readPlain } from "./plain-reader.ts"
import { notPlain, type ValueReader } from "./value-reader.ts"

/** A reader as it is called for each entry: objects of one class, since a call to one of many classes takes twice as long. */
export interface EntryReader {
  readonly values: Values
  readonly read: ValueReader["read"]
  readonly plain: PlainReader
}

export function entryReader(reader: ValueReader): EntryReader {
  return { values: reader.values, read: reader.read.bind(reader), plain: plainReader(reader) }
}

/** Appends what is next: a value or null. */
export function readEntry(input: JsonInput, reader: EntryReader): boolean {
  const first = input.next()
  if (first !== letterN) {
    const end = readPlain(reader.plain, input, input.at)
    if (end === notPlain) return reader.read(input, first)
    input.at = end
    return true
  }
  if (!input.takeLiteral()) return false
  reader.values.appendNull()
  return true
}

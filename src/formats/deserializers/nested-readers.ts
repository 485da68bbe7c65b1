/** Readers of columns whose values have values of their own (spec/format-conversion.md, sections 3 and 4). */
import type { Column, ListValues, MapValues, StructValues } from "../columns/index.ts"
import { type EntryReader, entryReader, readEntry } from "./entry-reader.ts"
import { closeBrace, closeBracket, comma, type JsonInput, openBrace, openBracket } from "./json-input.ts"
import { MemberNames, noMember, otherMember, unknownMember } from "./member-names.ts"
import { takeMismatch } from "./mismatch.ts"
import { readPlain } from "./plain-reader.ts"
import { invalidMapKey, notInFormat } from "./problems.ts"
import { notPlain, type Rules, type ValueReader } from "./value-reader.ts"

/** struct, and a table's rows. */
export class StructReader implements ValueReader {
  readonly values: StructValues
  readonly #rules: Rules
  readonly #fields: readonly EntryReader[]
  readonly #names: MemberNames
  /** Objects read so far. */
  #objectCount = 0
  /** Of each field: the number of the object in which it was there last. */
  readonly #lastSeen: Float64Array

  constructor(values: StructValues, rules: Rules, columns: readonly Column[], fields: readonly ValueReader[]) {
    this.values = values
    this.#rules = rules
    this.#fields = fields.map(entryReader)
    this.#names = new MemberNames(columns, rules.names)
    this.#lastSeen = new Float64Array(fields.length)
  }

  read(input: JsonInput, first: number): boolean {
    if (first === openBrace) return this.readObject(input)
    if (first === openBracket && this.#rules.isLenient) return this.#readPositions(input)
    return takeMismatch(input, first, this.#rules, "struct")
  }

  readName(input: JsonInput): boolean {
    return input.mismatch(notInFormat(input.textAsString()))
  }

  /** Appends an object, whose brace is next. */
  readObject(input: JsonInput): boolean {
    if (!input.enter()) return false
    this.#objectCount++
    const plainCount = input.next() === closeBrace ? 0 : this.#readMembers(input)
    if (plainCount === noMember) return false
    input.leave()
    if (plainCount < this.#fields.length && !this.#appendMissing(input)) return false
    this.values.append()
    return true
  }

  /** Reads members up to the closing brace. Answers how many were read in the quick way, or `noMember` if the record can't be taken. */
  #readMembers(input: JsonInput): number {
    const { bytes, end } = input
    const objectNumber = this.#objectCount
    const names = this.#names
    const fields = this.#fields
    const lastSeen = this.#lastSeen
    let plainCount = 0
    // How far it has read is kept here while members come as they did last time, and values are plain.
    let at = input.at
    for (let previous = -1; ; ) {
      const guess = names.following(previous)
      const field = lastSeen[guess] === objectNumber ? undefined : fields[guess]
      const valueAt = names.valueAt(input, at, guess)
      const valueEnd =
        field === undefined || valueAt === otherMember ? notPlain : readPlain(field.plain, input, valueAt)
      if (valueEnd !== notPlain) {
        lastSeen[guess] = objectNumber
        plainCount++
        previous = guess
        at = valueEnd
      } else {
        input.at = at
        const index = this.#readMember(input, previous)
        if (index === noMember) return noMember
        if (index !== unknownMember) previous = index
        at = input.at
      }
      if (at < end && bytes[at] === comma) at++
      else {
        input.at = at
        if (input.next() === closeBrace) return plainCount
        if (!input.take(comma)) return noMember
        at = input.at
      }
    }
  }

  /** Reads any member. Answers the index of its field, `unknownMember`, or `noMember` when the record can't be taken. */
  #readMember(input: JsonInput, previous: number): number {
    const index = this.#names.take(input, previous)
    if (index === noMember) return noMember
    if (index === unknownMember) return input.skipValue() ? unknownMember : noMember
    const from = input.at
    for (let sharing = index; sharing !== -1; sharing = this.#names.sharing(sharing)) {
      const field = this.#fields[sharing]
      // A name that comes again: the last one counts.
      if (this.#isSeen(sharing)) field?.values.truncate(this.values.valueCount)
      this.#lastSeen[sharing] = this.#objectCount
      input.at = from
      if (field === undefined || !readEntry(input, field)) return noMember
    }
    return index
  }

  /** Appends an array, whose elements are the fields by their positions. */
  #readPositions(input: JsonInput): boolean {
    if (!input.enter()) return false
    let index = 0
    if (input.next() !== closeBracket) {
      for (; ; index++) {
        const field = this.#fields[index]
        if (field === undefined ? !input.skipValue() : !readEntry(input, field)) return false
        if (input.next() === closeBracket) break
        if (!input.take(comma)) return false
      }
      index++
    }
    input.leave()
    if (!input.countAbsent(Math.max(0, this.#fields.length - index))) return false
    for (; index < this.#fields.length; index++) this.#fields[index]?.values.appendNull()
    this.values.append()
    return true
  }

  #isSeen(index: number): boolean {
    return this.#lastSeen[index] === this.#objectCount
  }

  #appendMissing(input: JsonInput): boolean {
    let missingCount = 0
    for (let index = 0; index < this.#fields.length; index++) if (!this.#isSeen(index)) missingCount++
    if (!input.countAbsent(missingCount)) return false
    for (let index = 0; index < this.#fields.length; index++) {
      if (!this.#isSeen(index)) this.#fields[index]?.values.appendNull()
    }
    return true
  }
}

/** array. */
export class ListReader implements ValueReader {
  readonly values: ListValues
  readonly #rules: Rules
  readonly #elements: EntryReader

  constructor(values: ListValues, rules: Rules, elements: ValueReader) {
    this.values = values
    this.#rules = rules
    this.#elements = entryReader(elements)
  }

  read(input: JsonInput, first: number): boolean {
    if (first === openBracket) return this.#readArray(input)
    if (!this.#rules.isLenient) return takeMismatch(input, first, this.#rules, "array")
    if (!this.#elements.read(input, first)) return false
    this.values.append(1)
    return true
  }

  readName(input: JsonInput): boolean {
    return input.mismatch(notInFormat(input.textAsString()))
  }

  #readArray(input: JsonInput): boolean {
    if (!input.enter()) return false
    let length = 0
    if (input.next() !== closeBracket) {
      while (readEntry(input, this.#elements)) {
        length++
        if (input.next() === closeBracket) break
        if (!input.take(comma)) return false
      }
      if (input.problem !== undefined) return false
    }
    input.leave()
    this.values.append(length)
    return true
  }
}

/**
 * map. Keys that are the same text are one: the last value counts, in the place of the first.
 */
export class MapReader implements ValueReader {
  readonly values: MapValues
  readonly #rules: Rules
  readonly #keys: ValueReader
  readonly #members: EntryReader
  readonly #keyType: string

  constructor(values: MapValues, rules: Rules, keys: ValueReader, members: ValueReader, keyType: string) {
    this.values = values
    this.#rules = rules
    this.#keys = keys
    this.#members = entryReader(members)
    this.#keyType = keyType
  }

  read(input: JsonInput, first: number): boolean {
    if (first !== openBrace) return takeMismatch(input, first, this.#rules, "map")
    const from = input.at
    const keyCount = this.#keys.values.entryCount
    const memberCount = this.#members.values.entryCount
    if (!input.enter()) return false
    /** Where the value of each key begins. */
    const offsets = new Map<string, number>()
    let length = 0
    if (input.next() !== closeBrace) {
      for (;;) {
        if (!this.#takeKey(input)) return false
        offsets.set(input.textAsString(), input.at)
        if (!this.#appendKey(input) || !readEntry(input, this.#members)) return false
        length++
        if (input.next() === closeBrace) break
        if (!input.take(comma)) return false
      }
    }
    input.leave()
    if (offsets.size < length) {
      const end = input.at
      this.#keys.values.truncate(keyCount)
      this.#members.values.truncate(memberCount)
      if (!this.#readLast(input, from, offsets)) return false
      input.at = end
    }
    this.values.append(offsets.size)
    return true
  }

  readName(input: JsonInput): boolean {
    return input.mismatch(notInFormat(input.textAsString()))
  }

  /** Reads the object at `from` once more, and only the value at the offset that its key has. */
  #readLast(input: JsonInput, from: number, offsets: ReadonlyMap<string, number>): boolean {
    input.at = from + 1
    const seen = new Set<string>()
    for (;;) {
      if (!this.#takeKey(input)) return false
      const key = input.textAsString()
      const at = input.at
      if (!seen.has(key)) {
        seen.add(key)
        input.at = offsets.get(key) ?? at
        if (!this.#appendKey(input) || !readEntry(input, this.#members)) return false
        input.at = at
      }
      if (!input.skipValue()) return false
      if (input.next() === closeBrace) return true
      if (!input.take(comma)) return false
    }
  }

  #takeKey(input: JsonInput): boolean {
    if (!input.takeName()) return false
    if (this.#rules.lowerCasesNames && isText(this.#keyType)) input.lowerCaseText()
    return true
  }

  /** Appends the key that was taken last. */
  #appendKey(input: JsonInput): boolean {
    if (this.#keys.readName(input)) return true
    return input.mismatch(invalidMapKey(input.textAsString(), this.#keyType))
  }
}

/** Others may mean something else in lower case: base64, NaN, the T of a timestamp. */
function isText(keyType: string): boolean {
  return keyType === "string" || keyType === "char" || keyType === "varchar"
}

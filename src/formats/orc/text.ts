/**
 * Texts and binary values: directly, as bytes and lengths; or texts as numbers of entries of a dictionary, which is sorted, as bytes
 * and lengths too.
 */
import { TextValues } from "../columns/index.ts"
import type { OrcOptions } from "./options.ts"
import { isLessText } from "./statistics.ts"
import { type Bounds, integerStream, plainStream, type Stream } from "./streams.ts"

/** Streams of values, of which texts can have a dictionary. */
export interface EncodedValues {
  /** Undefined when there is none. */
  readonly dictionarySize: number | undefined
  readonly streams: readonly Stream[]
}

export function encodeText(text: TextValues, bounds: Bounds, options: OrcOptions): EncodedValues {
  const dictionary = findDictionary(text, Math.floor(options.dictionaryKeyThreshold * text.valueCount))
  if (dictionary === undefined) return directText(text, bounds, options)
  const { entries, numbers } = dictionary
  const entryLengths = lengthsOf(entries.starts)
  return {
    dictionarySize: entries.valueCount,
    streams: [
      integerStream(numbers, bounds, { kind: "data", isSigned: false, options }),
      { kind: "dictionaryData", bytes: entries.bytes, marks: [] },
      {
        ...integerStream(entryLengths, [0, entryLengths.length], { kind: "length", isSigned: false, options }),
        marks: [],
      },
    ],
  }
}

export function directText(text: TextValues, bounds: Bounds, options: OrcOptions): EncodedValues {
  const { bytes, starts } = text
  const offsets = bounds.slice(0, -1).map((value) => starts[value] ?? 0)
  const lengths = integerStream(lengthsOf(starts), bounds, { kind: "length", isSigned: false, options })
  return { dictionarySize: undefined, streams: [plainStream(bytes, offsets), lengths] }
}

/** The texts, with spaces after those that are shorter than so many code points: how a char(n) is stored. */
export function padded(text: TextValues, length: number): TextValues {
  const { bytes, starts } = text
  const result = new TextValues()
  let value = new Uint8Array(256)
  let index = 0
  for (const isPresent of text.present) {
    if (isPresent === 0) {
      result.appendNull()
      continue
    }
    const start = starts[index] ?? 0
    const end = starts[++index] ?? 0
    let missing = length
    for (let at = start; at < end; at++) if (!isContinuation(bytes[at] ?? 0)) missing--
    const size = end - start + Math.max(0, missing)
    if (size > value.length) value = new Uint8Array(2 * size)
    value.set(bytes.subarray(start, end))
    value.fill(0x20, end - start, size)
    result.append(value, 0, size)
  }
  return result
}

/** Whether a byte of UTF-8 goes on with a code point. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}

function lengthsOf(starts: Uint32Array): Int32Array {
  const lengths = new Int32Array(starts.length - 1)
  for (let at = 0; at < lengths.length; at++) lengths[at] = (starts[at + 1] ?? 0) - (starts[at] ?? 0)
  return lengths
}

interface Dictionary {
  readonly entries: TextValues
  /** For each value the number of its entry. */
  readonly numbers: Int32Array
}

/**
 * Steps in the table to find a text, from which on the column gets no dictionary. With random texts there are far fewer; texts that were
 * chosen to collide could make each search as long as the table.
 */
const stepsMax = 256

/** Undefined when there are more entries than that, or none. */
function findDictionary(text: TextValues, entriesMax: number): Dictionary | undefined {
  if (entriesMax === 0) return undefined
  const { bytes, starts, valueCount } = text
  const numbers = new Int32Array(valueCount)
  // Of each entry the first value that is it, and the hash.
  const firsts: number[] = []
  const hashes: number[] = []
  // An open hash table of numbers of entries, plus 1; at most half of it is taken.
  let table = new Int32Array(1024)
  for (let index = 0; index < valueCount; index++) {
    const hash = hashOf(bytes, starts[index] ?? 0, starts[index + 1] ?? 0)
    const mask = table.length - 1
    let slot = hash & mask
    let number = (table[slot] ?? 0) - 1
    let steps = 0
    while (number >= 0 && !(hashes[number] === hash && isEqual(bytes, starts, firsts[number] ?? 0, index))) {
      slot = (slot + 1) & mask
      number = (table[slot] ?? 0) - 1
      if (++steps === stepsMax) return undefined
    }
    if (number < 0) {
      number = firsts.length
      if (number === entriesMax) return undefined
      firsts.push(index)
      hashes.push(hash)
      table[slot] = number + 1
      if (2 * hashes.length > table.length) table = hashTable(hashes, 2 * table.length)
    }
    numbers[index] = number
  }
  return sorted(text, firsts, numbers)
}

function hashTable(hashes: readonly number[], length: number): Int32Array<ArrayBuffer> {
  const table = new Int32Array(length)
  for (const [number, hash] of hashes.entries()) {
    let slot = hash & (length - 1)
    while (table[slot] !== 0) slot = (slot + 1) & (length - 1)
    table[slot] = number + 1
  }
  return table
}

/** FNV-1a, with the upper bits mixed into the lower ones. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193)
  return hash ^ (hash >>> 15)
}

function isEqual(bytes: Uint8Array, starts: Uint32Array, one: number, other: number): boolean {
  let oneAt = starts[one] ?? 0
  let otherAt = starts[other] ?? 0
  const oneEnd = starts[one + 1] ?? 0
  if (oneEnd - oneAt !== (starts[other + 1] ?? 0) - otherAt) return false
  while (oneAt < oneEnd) if (bytes[oneAt++] !== bytes[otherAt++]) return false
  return true
}

/** With entries in the order of their bytes. */
function sorted({ bytes, starts }: TextValues, firsts: readonly number[], numbers: Int32Array): Dictionary {
  const order = Array.from(firsts.keys()).sort((one, other) =>
    isLessText(bytes, starts, firsts[one] ?? 0, firsts[other] ?? 0) ? -1 : 1,
  )
  const entries = new TextValues()
  const newNumbers = new Int32Array(order.length)
  for (const [newNumber, number] of order.entries()) {
    const index = firsts[number] ?? 0
    entries.append(bytes, starts[index], starts[index + 1])
    newNumbers[number] = newNumber
  }
  return { entries, numbers: numbers.map((number) => newNumbers[number] ?? 0) }
}

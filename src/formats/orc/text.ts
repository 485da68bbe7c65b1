/**
 * Texts and binary values: directly, as bytes and lengths; or texts as numbers of entries of a dictionary, which is sorted, as bytes
 * and lengths too.
 */
import { TextValues } from "../columns/index.ts"
import type { OrcOptions } from "./options.ts"
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

/** Undefined when there are more entries than that, or none. */
function findDictionary(text: TextValues, entriesMax: number): Dictionary | undefined {
  if (entriesMax === 0) return undefined
  const { bytes, starts, valueCount } = text
  const found = new TextValues()
  const numbers = new Int32Array(valueCount)
  // An open hash table of numbers of entries, plus 1; at most half of it is taken.
  let table = new Int32Array(1024)
  let mask = table.length - 1
  const hashes: number[] = []
  for (let index = 0; index < valueCount; index++) {
    const start = starts[index] ?? 0
    const end = starts[index + 1] ?? 0
    const hash = hashOf(bytes, start, end)
    let slot = hash & mask
    let number = (table[slot] ?? 0) - 1
    while (number >= 0 && !(hashes[number] === hash && isEntry(found, number, bytes, start, end))) {
      slot = (slot + 1) & mask
      number = (table[slot] ?? 0) - 1
    }
    if (number < 0) {
      number = found.valueCount
      if (number === entriesMax) return undefined
      found.append(bytes, start, end)
      hashes.push(hash)
      table[slot] = number + 1
      if (2 * hashes.length > table.length) {
        table = hashTable(hashes, 2 * table.length)
        mask = table.length - 1
      }
    }
    numbers[index] = number
  }
  return sorted({ entries: found, numbers })
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

function isEntry(entries: TextValues, number: number, bytes: Uint8Array, start: number, end: number): boolean {
  const { starts } = entries
  const entryStart = starts[number] ?? 0
  if ((starts[number + 1] ?? 0) - entryStart !== end - start) return false
  const entryBytes = entries.bytes
  for (let at = start; at < end; at++) if (entryBytes[entryStart + at - start] !== bytes[at]) return false
  return true
}

/** The same with entries in the order of their bytes. */
function sorted({ entries, numbers }: Dictionary): Dictionary {
  const { bytes, starts, valueCount } = entries
  const entry = (number: number) => bytes.subarray(starts[number] ?? 0, starts[number + 1] ?? 0)
  const order = Array.from({ length: valueCount }, (_, number) => number)
  order.sort((one, other) => Buffer.compare(entry(one), entry(other)))
  const inOrder = new TextValues()
  const newNumbers = new Int32Array(valueCount)
  for (const [newNumber, number] of order.entries()) {
    inOrder.append(entry(number))
    newNumbers[number] = newNumber
  }
  return { entries: inOrder, numbers: numbers.map((number) => newNumbers[number] ?? 0) }
}

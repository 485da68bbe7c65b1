import type { Column } from "../columns/index.ts"
import { decoded, type JsonInput, plainBytes, quote, type Spelling } from "./json-input.ts"
import type { NameRules } from "./value-reader.ts"

/** What `take` answers for a name that no field has. */
export const unknownMember = -1
/** What `valueAt` answers when it is not that member. */
export const otherMember = -1
/** What `take` answers when the record can't be taken. */
export const noMember = -2

/**
 * Finds the fields of a table or struct by the names of an object's members (spec/format-conversion.md, section 3).
 *
 * Records of a stream are alike, so what followed a field last time, and how it was spelled then, is compared first. That is a guess
 * only; any other name is found by a hash of its bytes in lower case, and those that are not ASCII as strings.
 */
export class MemberNames {
  readonly #rules: NameRules
  readonly #indexByName = new Map<string, number>()
  /** Of each field the next one that has the same name, or -1. */
  readonly #sharing: Int32Array
  /** Of each field, and before them of the object's beginning: the field that came next last time. */
  readonly #following: Int32Array
  /** Of each field: how its name was written last time. */
  readonly #spellings: (Spelling | undefined)[]

  /** Of each field: its name's bytes as names are compared. */
  readonly #names: Uint8Array[]
  /** Of each byte: what it counts as in a name. */
  readonly #folded: Uint8Array
  /** Where the hash of a name leads: an index and 1 more, or 0. */
  readonly #slots: Int32Array

  constructor(fields: readonly Column[], rules: NameRules) {
    this.#rules = rules
    const names = fields.map(({ name }) => this.#asCompared(rules.keyOf(name)))
    this.#names = names.map((name) => plainBytes(Buffer.from(name)))
    this.#spellings = fields.map(() => undefined)
    this.#following = Int32Array.from({ length: fields.length + 1 }, (_, index) => Math.min(index, fields.length - 1))
    this.#sharing = new Int32Array(fields.length).fill(-1)
    this.#folded = Uint8Array.from({ length: 256 }, (_, byte) =>
      this.#asCompared(String.fromCharCode(byte)).charCodeAt(0),
    )
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * fields.length + 1)))
    for (const [index, name] of names.entries()) this.#add(index, name)
  }

  /** The field that came after the field `previous` last time, or at the beginning of the object if that is -1. */
  following(previous: number): number {
    return this.#following[previous + 1] ?? unknownMember
  }

  /**
   * Answers where the value begins if the member at `at` is of this field and spelled as that was last time, or `otherMember`.
   */
  valueAt(input: JsonInput, at: number, index: number): number {
    const spelling = this.#spellings[index]
    return spelling !== undefined && input.isSpelled(at, spelling) ? at + spelling.sizeBytes : otherMember
  }

  /**
   * Takes the next member's name and colon, which comes after the field `previous`. Answers the index of its field, `unknownMember`
   * or `noMember`.
   */
  take(input: JsonInput, previous: number): number {
    if (input.next() !== quote) {
      input.unexpected()
      return noMember
    }
    const from = input.at
    if (!input.takeName()) return noMember
    const index = this.#indexOf(input.text, input.textStart, input.textEnd)
    if (index !== unknownMember) {
      this.#following[previous + 1] = index
      const known = this.#spellings[index]
      if (this.#sharing[index] !== -1) return index
      if (known === undefined || !input.isSpelled(from, known)) this.#spellings[index] = input.spelling()
    }
    return index
  }

  /** Another field that has the same name as this one, or -1. */
  sharing(index: number): number {
    return this.#sharing[index] ?? -1
  }

  #add(index: number, name: string) {
    const first = this.#indexByName.get(name)
    if (first !== undefined) {
      this.#sharing[index] = this.#sharing[first] ?? -1
      this.#sharing[first] = index
      return
    }
    this.#indexByName.set(name, index)
    const bytes = this.#names[index] ?? new Uint8Array(0)
    const hash = this.#hash(bytes, 0, bytes.length)
    if (hash === undefined) return
    let slot = hash
    while (this.#slots[slot] !== 0) slot = (slot + 1) % this.#slots.length
    this.#slots[slot] = index + 1
  }

  #indexOf(text: Uint8Array, start: number, end: number): number {
    const hash = this.#hash(text, start, end)
    if (hash === undefined) return this.#indexByName.get(this.#asCompared(decoded(text, start, end))) ?? unknownMember
    for (let slot = hash; ; slot = (slot + 1) % this.#slots.length) {
      const index = (this.#slots[slot] ?? 0) - 1
      if (index === -1) return unknownMember
      if (this.#isName(index, text, start, end)) return index
    }
  }

  /** The slot in which a name would be, or undefined if it is not ASCII. */
  #hash(text: Uint8Array, start: number, end: number): number | undefined {
    let hash = end - start
    for (let at = start; at < end; at++) {
      const byte = text[at] ?? 0
      if (byte >= 0x80) return undefined
      hash = (Math.imul(hash, 31) + (this.#folded[byte] ?? 0)) | 0
    }
    return (hash ^ (hash >>> 15)) & (this.#slots.length - 1)
  }

  #isName(index: number, text: Uint8Array, start: number, end: number): boolean {
    const name = this.#names[index]
    if (name === undefined || name.length !== end - start) return false
    for (let at = start; at < end; at++) if (name[at - start] !== this.#folded[text[at] ?? 0]) return false
    return true
  }

  #asCompared(name: string): string {
    const lower = this.#rules.caseInsensitive ? name.toLowerCase() : name
    return this.#rules.dotsToUnderscores ? lower.replaceAll(".", "_") : lower
  }
}

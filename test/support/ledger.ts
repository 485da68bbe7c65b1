import assert from "node:assert/strict"
import { createHash } from "node:crypto"

/** What one call tried to put. Its records are like no others: a second try is another attempt. */
export interface Attempt {
  readonly stream: string
  readonly records: readonly Buffer[]
}

/**
 * Who was promised what: every record that was sent, and whether it was acknowledged. Held against what was delivered, it
 * tells whether every acknowledged record is there once, and every other one at most once.
 *
 * A record says which one it is, and where it ends: `<stream> <attempt> <index> <size of the rest>\n` and so many bytes
 * that follow from these. So it is seen whether it is exactly what was sent.
 */
export class Ledger {
  readonly #attempts: { readonly attempt: Attempt; acknowledged: boolean }[] = []
  readonly #numbers = new Map<Attempt, number>()
  readonly #recordIds = new Set<string>()

  /** Records to put in one call, one for each size. */
  attempt(stream: string, sizes: readonly number[]): Attempt {
    const number = this.#attempts.length
    const attempt = { stream, records: sizes.map((size, index) => contentOf({ stream, number, index, size })) }
    this.#attempts.push({ attempt, acknowledged: false })
    this.#numbers.set(attempt, number)
    return attempt
  }

  /** Notes that an attempt was answered with these ids, one for each record. */
  acknowledge(attempt: Attempt, recordIds: readonly string[]): void {
    assert.equal(recordIds.length, attempt.records.length, "each record of an attempt has an id")
    for (const id of recordIds) {
      assert(!this.#recordIds.has(id), `the id "${id}" was given out twice`)
      this.#recordIds.add(id)
    }
    const entry = this.#attempts[this.#numberOf(attempt)]
    assert(entry !== undefined)
    entry.acknowledged = true
  }

  /** How many records were acknowledged. */
  get acknowledgedCount(): number {
    return this.#recordIds.size
  }

  /**
   * Holds the delivered objects of each stream, by stream name, against the ledger. The attempts in `forgiven` may be lost,
   * in whole or in part.
   * @throws AssertionError telling which records are lost, repeated, in the wrong stream, or what remains of half a batch
   */
  assertDelivered(
    delivered: ReadonlyMap<string, readonly DeliveredContent[]>,
    forgiven: ReadonlySet<Attempt> = new Set(),
  ): void {
    const { counts, problems } = this.#count(delivered)
    for (const [number, { attempt, acknowledged }] of this.#attempts.entries()) {
      const count = counts[number] ?? new Uint8Array()
      const missing = count.filter((times) => times === 0).length
      const repeated = count.filter((times) => times > 1).length
      const told = (some: number, what: string) =>
        problems.push(`${some} of the ${count.length} records of attempt ${number} of ${attempt.stream} are ${what}`)
      if (repeated > 0) told(repeated, "there more than once")
      if (missing === 0 || forgiven.has(attempt)) continue
      if (acknowledged) told(missing, "lost, though they were acknowledged")
      else if (missing < count.length) told(missing, "missing, and the others are not")
    }
    const shown = problems.slice(0, 20).join("\n")
    assert.equal(problems.length, 0, `${problems.length} problems, the first ones:\n${shown}`)
  }

  /** The acknowledged attempts of which a record is not among what was delivered. */
  lost(delivered: ReadonlyMap<string, readonly DeliveredContent[]>): Attempt[] {
    const { counts } = this.#count(delivered)
    return this.#attempts
      .filter(({ acknowledged }, number) => acknowledged && counts[number]?.some((times) => times === 0))
      .map(({ attempt }) => attempt)
  }

  /** How often each record of each attempt was delivered; and which ones went to another stream's objects. */
  #count(delivered: ReadonlyMap<string, readonly DeliveredContent[]>) {
    const counts = this.#attempts.map(({ attempt }) => new Uint8Array(attempt.records.length))
    const problems: string[] = []
    for (const [stream, objects] of delivered) {
      for (const { name, content } of objects) {
        assert(content.length > 0, `${name} of ${stream} is empty, and no object is made of nothing`)
        for (const record of recordsIn(name, content)) {
          const count = counts[record.number]
          assert(count !== undefined, `${name} holds a record of an attempt that was never made`)
          if (record.stream !== stream) problems.push(`${name} of ${stream} holds a record of ${record.stream}`)
          count[record.index] = (count[record.index] ?? 0) + 1
        }
      }
    }
    return { counts, problems }
  }

  #numberOf(attempt: Attempt): number {
    const number = this.#numbers.get(attempt)
    assert(number !== undefined, "an attempt of this ledger")
    return number
  }
}

/** An object as it was before it was compressed. */
export interface DeliveredContent {
  /** For messages. */
  readonly name: string
  readonly content: Buffer
}

interface RecordName {
  readonly stream: string
  /** Of its attempt. */
  readonly number: number
  readonly index: number
}

function contentOf({ stream, number, index, size }: RecordName & { readonly size: number }): Buffer {
  const head = `${stream} ${number} ${index} ${size}\n`
  const rest = createHash("shake256", { outputLength: size }).update(head).digest()
  return Buffer.concat([Buffer.from(head), rest])
}

/** @throws AssertionError when the content is anything else than whole records, one after the other */
function* recordsIn(name: string, content: Buffer): Generator<RecordName, void, undefined> {
  let offset = 0
  while (offset < content.length) {
    const headEnd = content.indexOf("\n", offset)
    const head = content.subarray(offset, headEnd === -1 ? content.length : headEnd).toString("latin1")
    const [, stream = "", ...numbers] = /^([\w.-]+) (\d+) (\d+) (\d+)$/.exec(head) ?? []
    const [number = 0, index = 0, size = 0] = numbers.map(Number)
    const expected = contentOf({ stream, number, index, size })
    const found = content.subarray(offset, offset + expected.length)
    assert(found.equals(expected), `${name} holds no record at byte ${offset} of ${content.length}`)
    yield { stream, number, index }
    offset += expected.length
  }
}

import { asPosition, type Position } from "../log/index.ts"

/** Where a block is, and what it holds. */
export interface Block {
  /** Of its entry in the journal. */
  readonly position: Position
  /** A file of the spool, by the number that it has in this life. */
  readonly file: number
  readonly offset: number
  readonly storedBytes: number
  /** CRC-32 of what is stored. */
  readonly crc: number
  readonly recordCount: number
  /** Bytes of its records. */
  readonly sizeBytes: number
}

const valuesPerBlock = 7
const firstCount = 8

/**
 * Blocks in the order in which they were stored, as plain numbers: with 500 partitions that are open there may be millions
 * of them, and objects would take three times the memory.
 */
export class BlockList implements Iterable<Block> {
  #values = new Float64Array(firstCount * valuesPerBlock)
  #count = 0

  get count(): number {
    return this.#count
  }

  add({ position, file, offset, storedBytes, crc, recordCount, sizeBytes }: Block): void {
    const at = this.#count * valuesPerBlock
    if (at === this.#values.length) {
      const grown = new Float64Array(this.#values.length * 2)
      grown.set(this.#values)
      this.#values = grown
    }
    this.#values.set([position, file, offset, storedBytes, crc, recordCount, sizeBytes], at)
    this.#count++
  }

  *[Symbol.iterator](): Iterator<Block> {
    for (let index = 0; index < this.#count; index++) {
      const at = index * valuesPerBlock
      const value = (member: number) => this.#values[at + member] ?? 0
      yield {
        position: asPosition(value(0)),
        file: value(1),
        offset: value(2),
        storedBytes: value(3),
        crc: value(4),
        recordCount: value(5),
        sizeBytes: value(6),
      }
    }
  }
}

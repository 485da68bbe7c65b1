import { asPosition, type PartitionReader, type Position } from "../log/index.ts"

/** The loops of one partition need its records for different times: it is trimmed as far as none of them needs any. */
export class TrimFloors {
  readonly #log: PartitionReader
  /** What each loop needs: everything from a position on. */
  readonly #floors = new Map<string, number>()

  constructor(log: PartitionReader) {
    this.#log = log
  }

  /** Says from where on a loop needs records. */
  set(loop: string, position: Position): void {
    this.#floors.set(loop, position)
  }

  /** A loop needs nothing any more. */
  forget(loop: string): void {
    this.#floors.delete(loop)
  }

  async trim(): Promise<void> {
    if (this.#floors.size > 0) await this.#log.trim(asPosition(Math.min(...this.#floors.values())))
  }
}

import type { Damage, PartitionReader } from "../log/index.ts"
import type { SourceRecord } from "../processors/index.ts"
import type { Measured } from "./buffer.ts"

/** The records of a range of the log, in memory, for processors; and what of it could not be read. `partition`: its number. */
export async function readSources(
  log: PartitionReader,
  { from, to }: Pick<Measured, "from" | "to">,
  partition: number,
): Promise<{ readonly sources: readonly SourceRecord[]; readonly damage: readonly Damage[] }> {
  const sources: SourceRecord[] = []
  const damage: Damage[] = []
  for await (const piece of log.read(from, to)) {
    damage.push(...piece.damage)
    for (const { position, arrivalMs, lengths, data } of piece.frames) {
      // The memory of a piece is used again.
      const bytes = Buffer.from(data)
      let offset = 0
      for (const [index, length] of lengths.entries()) {
        const data = bytes.subarray(offset, offset + length)
        sources.push(new LogRecord(data, arrivalMs, partition, position + index))
        offset += length
      }
    }
  }
  return { sources, damage }
}

/** A record of the source log. Only functions ask for ids: none is made before. */
class LogRecord implements SourceRecord {
  readonly data: Uint8Array
  readonly arrivalMs: number
  readonly #partition: number
  readonly #position: number

  constructor(data: Uint8Array, arrivalMs: number, partition: number, position: number) {
    this.data = data
    this.arrivalMs = arrivalMs
    this.#partition = partition
    this.#position = position
  }

  get id(): string {
    return sourceId(this.#partition, this.#position)
  }
}

/**
 * A source record's id, as a function sees it: unique in its stream, and the same whenever the record is processed. It has
 * the form of those that were captured, whose 56 digits the part's number follows (spec/processing.md, section 3).
 */
export function sourceId(partition: number, position: number): string {
  return `49${String(partition).padStart(18, "0")}${String(position).padStart(36, "0")}`
}

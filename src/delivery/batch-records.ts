import type { Damage, PartitionReader, ReadPiece } from "../log/index.ts"
import type { Checkpoint, Decided } from "./checkpoint.ts"

/** Where the records of decided batches are kept. */
export interface BatchRecords {
  /**
   * The records of a batch, in pieces whose memory is used again. Nothing is left out: what can't be read is told as damage.
   * @throws KeyUnavailableError
   */
  read(decided: Decided): AsyncGenerator<Pick<ReadPiece, "frames" | "damage">>
  /** Those losses that are losses of records which somebody was promised. */
  acknowledged(damage: readonly Damage[]): readonly Damage[]
  /** What is delivered by a checkpoint that is durable is not needed any more. */
  letGo(durable: Checkpoint): Promise<void>
}

/** The records of a batch that is a range of the log itself. */
export async function* readRange(log: PartitionReader, { from, to }: Decided): AsyncGenerator<ReadPiece> {
  let next = from
  for await (const piece of log.read(from, to)) {
    next = piece.next
    yield piece
  }
  if (next < to) throw new Error(`The log ends at ${next}, before ${to}: records that were decided are missing`)
}

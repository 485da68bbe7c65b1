import type { Damage, ReadPiece } from "../log/index.ts"
import type { BlockList, Spool } from "../spool/index.ts"
import type { BatchRecords } from "./batch-records.ts"
import { type Checkpoint, type CheckpointKeeper, type Decided, deliveredThrough } from "./checkpoint.ts"

/** Batches that are made of blocks of the spool. */
export class ProcessedRecords implements BatchRecords {
  readonly #spool: Spool
  readonly #checkpoint: CheckpointKeeper
  /** Of what was decided and is needed still, by the position of its first block. */
  readonly #blocks = new Map<number, BlockList>()
  readonly #onLetGo: (from: number) => void

  /** `onLetGo`: told of each batch that is delivered, durably so, by the position of its first block. */
  constructor(spool: Spool, checkpoint: CheckpointKeeper, onLetGo: (from: number) => void) {
    this.#spool = spool
    this.#checkpoint = checkpoint
    this.#onLetGo = onLetGo
  }

  /** Says what a batch is made of, before it is decided. */
  add({ from }: Pick<Decided, "from">, blocks: BlockList) {
    this.#blocks.set(from, blocks)
  }

  async *read({ from, to, recordCount, lostCount }: Decided): AsyncGenerator<Pick<ReadPiece, "frames" | "damage">> {
    const blocks = this.#blocks.get(from)
    let known = 0
    for (const block of blocks ?? []) known += block.recordCount
    const missing = recordCount + lostCount - known
    const reason = "the journal's entries that say where they are can't be read any more"
    if (missing > 0) yield { frames: [], damage: [{ from, to, recordCount: missing, reason }] }
    if (blocks !== undefined) yield* this.#spool.read(blocks)
  }

  /** Whatever is in the spool was acknowledged: it was processed after it was durable in the log. */
  acknowledged(damage: readonly Damage[]) {
    return damage
  }

  async letGo(durable: Checkpoint) {
    const needed = new Set([...durable.decided, ...this.#checkpoint.current.decided].map(({ from }) => from as number))
    const delivered = [...this.#blocks].filter(([from]) => !needed.has(from))
    // All at once: while files are deleted, the next batch may be let go.
    for (const [from] of delivered) {
      this.#blocks.delete(from)
      this.#onLetGo(from)
    }
    for (const [, blocks] of delivered) await this.#spool.letGo(blocks, deliveredThrough(durable))
  }
}

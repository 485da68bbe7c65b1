import {
  advance,
  asPosition,
  batchOf,
  type Damage,
  type FrameKeys,
  type LogPartition,
  type Position,
  type ReadPiece,
  type RecordBatch,
} from "../log/index.ts"
import type { Disk, Random } from "../platform/index.ts"
import type { Block } from "./block-list.ts"
import { type BlockEntry, decodeEntry, encodeEntry } from "./journal-entry.ts"
import { type BlockPlace, SpoolFiles } from "./spool-files.ts"

/**
 * What processing made of one partition's records, kept durably until it is delivered.
 *
 * - chunk: source records that were processed together.
 * - block: what came of one chunk for one buffer: records that will be delivered together.
 * - journal: says what was processed, and where the blocks are. It is a log of its own, of which a frame is a chunk; so a
 *   chunk is processed, with all its blocks, or it is not. A block's position is that of its entry in the journal.
 *
 * What a processor answers need not be the same the next time. So nothing is processed again that was, and what came of it
 * is delivered once.
 */
export class Spool {
  readonly #options: SpoolOptions
  readonly #files: SpoolFiles
  #processedThrough: Position | undefined
  /** Blocks of chunks that the journal refused: until it takes another one, which then is in their place. */
  readonly #doubtful: BlockPlace[] = []
  /** Of the journal's last frame: it says how far processing has come, so it stays. */
  #lastChunk: Position

  /** Opens the spool. Blocks that `isNeeded` is true of are kept, and given back in their order. */
  static async open(
    options: SpoolOptions,
    isNeeded: (block: BlockEntry & { readonly position: Position }) => boolean,
  ): Promise<{
    readonly spool: Spool
    readonly blocks: readonly RecoveredBlock[]
    readonly damage: readonly Damage[]
  }> {
    const spool = new Spool(options)
    const recovered = await spool.#recover(isNeeded)
    if (options.mayDelete) await spool.#files.deleteOthers()
    return { spool, ...recovered }
  }

  private constructor(options: SpoolOptions) {
    this.#options = options
    const { disk, random, folder, keys, fileBytesMax } = options
    this.#files = new SpoolFiles({ disk, random, folder, keys, fileBytesMax })
    this.#lastChunk = options.journal.start
  }

  /** The source position before which everything is processed; undefined when nothing ever was. */
  get processedThrough(): Position | undefined {
    return this.#processedThrough
  }

  /** The position behind the last chunk that is durable; whoever stored it may not know yet that it is. */
  get end(): Position {
    return this.#options.journal.end
  }

  /**
   * Makes a chunk's blocks durable, and with them that it is processed. After a rejection the same chunk may be stored
   * again.
   */
  async store({ from, to, blocks }: ChunkToStore): Promise<StoredChunk> {
    const { journal, keys } = this.#options
    const { sealing } = keys
    if (sealing.kind === "unavailable") throw new Error(`Cannot seal what was processed: ${sealing.reason}`)
    const key = sealing.kind === "sealed" ? sealing.key : undefined
    const places =
      blocks.length === 0
        ? []
        : await this.#files.write(
            blocks.map(({ batch }) => batch),
            key,
          )
    const [first] = places
    const { name, keyId } = first === undefined ? { name: "", keyId: "" } : this.#files.describe(first.file)
    const stored = blocks.map(({ batch, ...block }, index) => {
      const place = places[index]
      if (place === undefined) throw new Error("A block was not written")
      return { ...block, ...place, recordCount: batch.lengths.length, sizeBytes: batch.data.byteLength }
    })
    const entries = [
      encodeEntry({ kind: "chunk", from, to, file: name, keyId }),
      ...stored.map((block) => encodeEntry({ kind: "block", ...block })),
    ]
    // From before the journal may say so: what is refused may be there all the same, and be found after a crash.
    for (const place of places) this.#files.keep(place)
    const superseded = [...this.#doubtful]
    this.#doubtful.push(...places)
    const { position, arrivalMs } = await journal.append(batchOf(entries))
    this.#doubtful.length = 0
    this.#processedThrough = to
    this.#lastChunk = position
    const placed = stored.map((block, index) => ({ ...block, position: advance(position, index + 1) }))
    // What can't be deleted now is at the next start. The chunk is stored, whatever becomes of this.
    await this.#files.letGo(superseded).catch(() => {})
    return { blocks: placed, storedMs: arrivalMs, end: advance(position, entries.length) }
  }

  /**
   * The records of some blocks, in pieces of about a megabyte.
   * @throws KeyUnavailableError
   */
  async *read(blocks: Iterable<Block>): AsyncGenerator<Pick<ReadPiece, "frames" | "damage">> {
    const reader = this.#files.reader()
    let frames: ReadPiece["frames"][number][] = []
    let sizeBytes = 0
    try {
      for (const block of blocks) {
        const { position, recordCount } = block
        const batch = await reader.read(block)
        if (batch === undefined) {
          const reason = "what processing made of them is damaged"
          yield { frames: [], damage: [{ from: position, to: advance(position, 1), recordCount, reason }] }
          continue
        }
        frames.push({ position, arrivalMs: 0, ...batch })
        sizeBytes += block.sizeBytes
        if (sizeBytes < pieceBytes) continue
        yield { frames, damage: [] }
        frames = []
        sizeBytes = 0
      }
      if (frames.length > 0) yield { frames, damage: [] }
    } finally {
      await reader.close()
    }
  }

  /** Blocks that are delivered, durably so; and the position before which all are. */
  async letGo(blocks: Iterable<Block>, deliveredThrough: Position): Promise<void> {
    await this.#files.letGo(blocks)
    await this.#options.journal.trim(asPosition(Math.min(deliveredThrough, this.#lastChunk)))
  }

  /** Positions before this one were used, whatever the disk has lost of them since. */
  skipTo(position: Position): Promise<void> {
    return this.#options.journal.skipTo(position)
  }

  /** The journal is closed by whoever opened it. */
  close(): Promise<void> {
    return this.#files.close()
  }

  async #recover(isNeeded: (block: BlockEntry & { readonly position: Position }) => boolean) {
    const { journal } = this.#options
    const blocks: RecoveredBlock[] = []
    const damage: Damage[] = []
    let lost: Damage | undefined
    for await (const piece of journal.read(journal.start, journal.end)) {
      for (const one of piece.damage) lost ??= one
      for (const { position, lengths, data, arrivalMs } of piece.frames) {
        let offset = 0
        let file = 0
        for (const [index, length] of lengths.entries()) {
          const entry = decodeEntry(data.subarray(offset, offset + length))
          offset += length
          if (entry.kind === "chunk") {
            if (lost !== undefined) {
              // What was lost was made of the source records between the chunks that are there.
              const before = this.#processedThrough ?? (journal.start === 0 ? 0 : entry.from)
              const recordCount = Math.max(0, entry.from - before)
              damage.push({ ...lost, recordCount })
              lost = undefined
            }
            this.#processedThrough = entry.to
            this.#lastChunk = position
            if (entry.file !== "") file = this.#files.numberOf(entry.file, entry.keyId)
            continue
          }
          const block = { ...entry, file, position: advance(position, index) }
          if (!isNeeded(block)) continue
          this.#files.keep(block)
          blocks.push({ ...block, storedMs: arrivalMs })
        }
      }
    }
    // Nothing that was promised: what is behind the last chunk is processed again.
    if (lost !== undefined) damage.push({ ...lost, recordCount: 0 })
    return { blocks, damage }
  }
}

/** What is read at a time. */
const pieceBytes = 1024 * 1024

export interface SpoolOptions {
  readonly disk: Disk
  readonly random: Random
  /** Holds the files with blocks, and nothing else; the journal is kept elsewhere. */
  readonly folder: string
  readonly journal: LogPartition
  /** What blocks are sealed with. */
  readonly keys: FrameKeys
  readonly fileBytesMax: number
  /**
   * Whether files are deleted that nothing refers to: when the journal was read from the disk. Later in the same life it may
   * have refused an entry that is on the disk, and that a next life would find.
   */
  readonly mayDelete: boolean
}

export interface ChunkToStore {
  /** The source records that were processed: from this one on, up to `to`. */
  readonly from: Position
  readonly to: Position
  readonly blocks: readonly BlockToStore[]
}

export interface BlockToStore {
  /** Which buffer it belongs to. */
  readonly output: string
  readonly batch: RecordBatch
  /** Bytes of the source records that it was made of. */
  readonly sourceBytes: number
  readonly oldestArrivalMs: number
  readonly newestArrivalMs: number
}

/** A block, and what its buffer wants to know of it. */
export interface StoredBlock extends Block, Omit<BlockToStore, "batch"> {}

export interface StoredChunk {
  readonly blocks: readonly StoredBlock[]
  /** When it became durable: milliseconds since the epoch. */
  readonly storedMs: number
  /** The position behind it. */
  readonly end: Position
}

export interface RecoveredBlock extends StoredBlock {
  readonly storedMs: number
}

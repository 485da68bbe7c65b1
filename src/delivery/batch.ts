import type { Batch } from "../destinations/index.ts"
import type { BufferPool, Damage, ReadPiece } from "../log/index.ts"
import type { BatchRecords } from "./batch-records.ts"
import type { Decided } from "./checkpoint.ts"

export interface BatchOptions {
  /** Where the memory comes from in which records are put together. */
  readonly buffers: BufferPool
  readonly purpose: Batch["purpose"]
  readonly streamName: string
  /** Told of records that can't be read any more. */
  readonly onDamage: (damage: Damage) => void
  /** Whether reading fails once records are missing that could be read when the batch was decided. */
  readonly mustBeWhole: boolean
}

/** What was decided, as a batch. Its bytes are read from the disk each time they are asked for. */
export function batchOf(records: BatchRecords, decided: Decided, options: BatchOptions): Batch {
  return {
    purpose: options.purpose,
    output: decided.output,
    streamName: options.streamName,
    streamVersion: decided.streamVersion,
    oldestArrivalMs: decided.oldestArrivalMs,
    recordCount: decided.recordCount,
    sizeBytes: decided.sizeBytes,
    bytes: () => joined(options.buffers, readable(records, decided, options)),
    records: () => separate(readable(records, decided, options)),
  }
}

/** Fails when nothing of the batch can be read any more: it shall not become an empty object. */
async function* readable(records: BatchRecords, decided: Decided, { onDamage, mustBeWhole }: BatchOptions) {
  const met: Damage[] = []
  const note = (damage: Damage) => {
    met.push(damage)
    onDamage(damage)
    if (mustBeWhole && newlyLost(decided, met) > 0) {
      throw new Error("Records of this batch can't be read any more, and its object may be there with them")
    }
  }
  for await (const { frames, damage } of records.read(decided)) {
    damage.forEach(note)
    yield frames
  }
  if (newlyLost(decided, met) === decided.recordCount) throw new Error("No record of this batch can be read any more")
}

/** How many records of a batch can't be read any more that could be when it was decided. */
export function newlyLost({ lostCount }: Decided, damage: readonly Damage[]): number {
  const allLost = damage.reduce((sum, { from, to, recordCount = to - from }) => sum + recordCount, 0)
  return Math.max(0, allLost - lostCount)
}

type Frames = ReadPiece["frames"]

async function* separate(pieces: AsyncIterable<Frames>): AsyncGenerator<Frames[number], void, undefined> {
  for await (const frames of pieces) yield* frames
}

/** The bytes of a batch, in pieces of about a megabyte, each good until the next is asked for. */
async function* joined(
  buffers: BufferPool,
  pieces: AsyncIterable<Frames>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const frames of pieces) {
    const [first, second] = frames
    if (first !== undefined && second === undefined) yield first.data
    if (second === undefined) continue
    // Joined, since a frame of one small record costs whoever comes next as much to handle as a megabyte.
    const sizeBytes = frames.reduce((sum, frame) => sum + frame.data.byteLength, 0)
    const bytes = buffers.take(sizeBytes)
    try {
      let filledBytes = 0
      for (const { data } of frames) {
        bytes.set(data, filledBytes)
        filledBytes += data.byteLength
      }
      yield bytes.subarray(0, sizeBytes)
    } finally {
      buffers.giveBack(bytes)
    }
  }
}

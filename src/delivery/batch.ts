import type { Batch } from "../destinations/index.ts"
import type { BufferPool, Damage, PartitionReader } from "../log/index.ts"
import type { Decided } from "./checkpoint.ts"

export interface BatchOptions {
  /** Where the memory comes from in which records are put together. */
  readonly buffers: BufferPool
  readonly streamName: string
  /** Told of records that can't be read any more. */
  readonly onDamage: (damage: Damage) => void
  /** Whether reading fails once records are missing that could be read when the batch was decided. */
  readonly mustBeWhole: boolean
}

/** A decided range of the log as a batch. Its bytes are read from the log each time they are asked for. */
export function batchOf(log: PartitionReader, decided: Decided, options: BatchOptions): Batch {
  return {
    streamName: options.streamName,
    streamVersion: decided.streamVersion,
    oldestArrivalMs: decided.oldestArrivalMs,
    recordCount: decided.recordCount,
    sizeBytes: decided.sizeBytes,
    bytes: () => readable(log, decided, options),
  }
}

/** Fails when nothing of the batch can be read any more: it shall not become an empty object. */
async function* readable(log: PartitionReader, decided: Decided, { buffers, onDamage, mustBeWhole }: BatchOptions) {
  const met: Damage[] = []
  const note = (damage: Damage) => {
    met.push(damage)
    onDamage(damage)
    if (mustBeWhole && newlyLost(decided, met) > 0) {
      throw new Error("Records of this batch can't be read any more, and its object may be there with them")
    }
  }
  yield* readRange(log, decided, buffers, note)
  if (lostCount(met) === decided.to - decided.from) throw new Error("No record of this batch can be read any more")
}

/** How many records of a batch can't be read any more that could be when it was decided. */
export function newlyLost({ from, to, recordCount }: Decided, damage: readonly Damage[]): number {
  return Math.max(0, lostCount(damage) - (to - from - recordCount))
}

function lostCount(damage: readonly Damage[]): number {
  return damage.reduce((sum, { from, to }) => sum + to - from, 0)
}

/** The bytes of the records from `from` up to `to`, in pieces of about a megabyte, each good until the next is asked for. */
async function* readRange(
  log: PartitionReader,
  { from, to }: Pick<Decided, "from" | "to">,
  buffers: BufferPool,
  onDamage: (damage: Damage) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let next = from
  for await (const { frames, damage, next: after } of log.read(from, to)) {
    damage.forEach(onDamage)
    next = after
    const [first, second] = frames
    if (first !== undefined && second === undefined) yield first.data
    if (second === undefined) continue
    // Joined, since a frame of one small record costs whoever comes next as much to handle as a megabyte.
    const sizeBytes = frames.reduce((sum, frame) => sum + frame.data.byteLength, 0)
    const joined = buffers.take(sizeBytes)
    try {
      let filledBytes = 0
      for (const { data } of frames) {
        joined.set(data, filledBytes)
        filledBytes += data.byteLength
      }
      yield joined.subarray(0, sizeBytes)
    } finally {
      buffers.giveBack(joined)
    }
  }
  if (next < to) throw new Error(`The log ends at ${next}, before ${to}: records that were decided are missing`)
}

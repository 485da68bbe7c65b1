import type { Batch } from "../destinations/index.ts"
import { asPosition, type Damage, type Frame, type PartitionReader, type Position } from "../log/index.ts"
import type { Decided } from "./checkpoint.ts"

/** Bytes to read from the log at a time: what one delivery holds in memory. */
const readBytes = 1024 * 1024

/**
 * A decided range of the log as a batch. Its bytes are read from the log each time they are asked for; `onDamage` is told
 * of records in it that can't be read any more.
 */
export function batchOf(
  log: PartitionReader,
  decided: Decided,
  streamName: string,
  onDamage: (damage: Damage) => void,
): Batch {
  return {
    streamName,
    streamVersion: decided.streamVersion,
    oldestArrivalMs: decided.oldestArrivalMs,
    recordCount: decided.recordCount,
    sizeBytes: decided.sizeBytes,
    bytes: () => readRange(log, decided, onDamage),
  }
}

/** The bytes of the records from `from` up to `to`, in pieces of about a megabyte. */
export async function* readRange(
  log: PartitionReader,
  { from, to }: Pick<Decided, "from" | "to">,
  onDamage: (damage: Damage) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let next = from
  while (next < to) {
    const { frames, damage, next: after } = await log.read(next, readBytes)
    for (const one of damage) if (one.from < to) onDamage({ ...one, to: asPosition(Math.min(one.to, to)) })
    if (after === next) throw new Error(`The log ends at ${next}, before ${to}: records that were decided are missing`)
    // Joined, since a frame of one small record costs whoever comes next as much to handle as a megabyte.
    const parts = frames.filter((frame) => frame.position < to).map((frame) => recordsBefore(frame, to))
    if (parts.length > 0) yield Buffer.concat(parts)
    next = after
  }
}

/** The bytes of a frame's records that lie before `to`. */
function recordsBefore(frame: Frame, to: Position): Uint8Array {
  const count = to - frame.position
  if (count >= frame.lengths.length) return frame.data
  const sizeBytes = frame.lengths.subarray(0, count).reduce((sum, length) => sum + length, 0)
  return frame.data.subarray(0, sizeBytes)
}

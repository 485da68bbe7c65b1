import type { Batch } from "../destinations/index.ts"
import type { Damage, PartitionReader } from "../log/index.ts"
import type { Decided } from "./checkpoint.ts"

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
    bytes: () => readable(log, decided, onDamage),
  }
}

/** Fails when nothing of the batch can be read any more: it shall not become an empty object. */
async function* readable(log: PartitionReader, decided: Decided, onDamage: (damage: Damage) => void) {
  let lostCount = 0
  yield* readRange(log, decided, (damage) => {
    lostCount += damage.to - damage.from
    onDamage(damage)
  })
  if (lostCount === decided.to - decided.from) throw new Error("No record of this batch can be read any more")
}

/** The bytes of the records from `from` up to `to`, in pieces of about a megabyte, each good until the next is asked for. */
export async function* readRange(
  log: PartitionReader,
  { from, to }: Pick<Decided, "from" | "to">,
  onDamage: (damage: Damage) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let next = from
  let joined: Buffer = Buffer.alloc(0)
  for await (const { frames, damage, next: after } of log.read(from, to)) {
    damage.forEach(onDamage)
    next = after
    const [first, second] = frames
    if (first !== undefined && second === undefined) yield first.data
    if (second === undefined) continue
    // Joined, since a frame of one small record costs whoever comes next as much to handle as a megabyte.
    const sizeBytes = frames.reduce((sum, frame) => sum + frame.data.byteLength, 0)
    if (sizeBytes > joined.length) joined = Buffer.allocUnsafeSlow(sizeBytes)
    let filledBytes = 0
    for (const { data } of frames) {
      joined.set(data, filledBytes)
      filledBytes += data.byteLength
    }
    yield joined.subarray(0, sizeBytes)
  }
  if (next < to) throw new Error(`The log ends at ${next}, before ${to}: records that were decided are missing`)
}

import type { BatchOutput } from "../destinations/index.ts"
import { batchOf } from "../log/index.ts"
import type { Chunk } from "../processors/index.ts"
import type { BlockToStore } from "../spool/index.ts"
import { outputId } from "./batch-output.ts"
import { errorRecord } from "./error-record.ts"
import type { ProcessedChunk } from "./process-chunk.ts"
import type { SourceFailure } from "./source-failure.ts"

/** What the buffers say of an output: asked for each record, in order. */
export interface BufferRoom {
  /** Whether there may be a buffer for it: there are only so many partitions at a time. */
  admits(id: string): boolean
  /** Bytes until its buffer is full. */
  roomBytes(id: string): number
  /** Bytes of a full one. */
  readonly bufferBytesMax: number
}

/**
 * What came of a chunk, as blocks: a block ends with the record that fills its buffer (spec/buffering.md, section 1). What
 * would need one more partition than there may be is in the error output (section 4). Answers the failures, too, with those.
 */
export function chunkBlocks(
  { records, failures }: ProcessedChunk,
  { sources }: Pick<Chunk, "sources">,
  room: BufferRoom,
  nowMs: number,
): { readonly blocks: readonly BlockToStore[]; readonly failures: readonly SourceFailure[] } {
  const blocks = new Blocks(room)
  const allFailures = [...failures]
  const overflowed = new Set<number>()
  // Many records have one output: its id is made once, which for a partition is its JSON.
  const ids = new Map<BatchOutput, string>()
  let countedSource = -1
  for (const { source, data, output } of records) {
    const from = sources[source]
    if (from === undefined) throw new Error("A record came out that was made of none")
    const id = ids.get(output) ?? outputId(output)
    ids.set(output, id)
    if (output.kind === "partition" && !room.admits(id)) {
      if (!overflowed.has(source)) allFailures.push(overflow(source, nowMs))
      overflowed.add(source)
      continue
    }
    // What a source record was split into counts as its bytes once.
    const sourceBytes = source === countedSource ? 0 : from.data.byteLength
    countedSource = source
    blocks.add(id, output, { data, sourceBytes, arrivalMs: from.arrivalMs })
  }
  for (const failure of allFailures) {
    const from = sources[failure.source]
    if (from === undefined) throw new Error("A record failed that is none")
    const output: BatchOutput = { kind: "failed", type: failure.kind }
    const { arrivalMs, data } = from
    blocks.add(outputId(output), output, { data: errorRecord(failure, from), sourceBytes: data.byteLength, arrivalMs })
  }
  return { blocks: blocks.finish(), failures: allFailures }
}

function overflow(source: number, nowMs: number): SourceFailure {
  return {
    source,
    kind: "activePartitionExceeded",
    code: "DynamicPartitioning.ActivePartitionsLimitExceeded",
    message: "The stream has as many active partitions as it may have, and this record would need one more",
    attemptsMade: 1,
    attemptEndedMs: nowMs,
  }
}

interface PlacedRecord {
  readonly data: Uint8Array
  readonly sourceBytes: number
  readonly arrivalMs: number
}

interface OpenBlock {
  readonly output: BatchOutput
  readonly records: Uint8Array[]
  sizeBytes: number
  sourceBytes: number
  oldestArrivalMs: number
  newestArrivalMs: number
  readonly roomBytes: number
}

class Blocks {
  readonly #room: BufferRoom
  readonly #open = new Map<string, OpenBlock>()
  readonly #finished: BlockToStore[] = []

  constructor(room: BufferRoom) {
    this.#room = room
  }

  add(id: string, output: BatchOutput, { data, sourceBytes, arrivalMs }: PlacedRecord) {
    const block = this.#open.get(id) ?? this.#begin(output, arrivalMs, this.#room.roomBytes(id))
    this.#open.set(id, block)
    block.records.push(data)
    block.sizeBytes += data.byteLength
    block.sourceBytes += sourceBytes
    block.oldestArrivalMs = Math.min(block.oldestArrivalMs, arrivalMs)
    block.newestArrivalMs = Math.max(block.newestArrivalMs, arrivalMs)
    if (block.sizeBytes < block.roomBytes) return
    this.#finished.push(closed(block))
    // The next record of it begins another buffer.
    this.#open.set(id, this.#begin(output, Number.POSITIVE_INFINITY, this.#room.bufferBytesMax))
  }

  /** All blocks: those of one buffer in the order of their records. */
  finish(): readonly BlockToStore[] {
    const open = [...this.#open.values()].filter(({ records }) => records.length > 0)
    return [...this.#finished, ...open.map(closed)]
  }

  #begin(output: BatchOutput, arrivalMs: number, roomBytes: number): OpenBlock {
    const newestArrivalMs = Number.isFinite(arrivalMs) ? arrivalMs : 0
    return { output, records: [], sizeBytes: 0, sourceBytes: 0, oldestArrivalMs: arrivalMs, newestArrivalMs, roomBytes }
  }
}

function closed({ output, records, sourceBytes, oldestArrivalMs, newestArrivalMs }: OpenBlock): BlockToStore {
  return {
    output: JSON.stringify(output),
    batch: batchOf(records),
    sourceBytes,
    oldestArrivalMs,
    newestArrivalMs,
  }
}

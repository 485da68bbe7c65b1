import type { BatchOutput } from "../destinations/index.ts"
import { advance, asPosition, type Position } from "../log/index.ts"
import { BlockList, type StoredBlock } from "../spool/index.ts"
import { outputId } from "./batch-output.ts"
import type { Buffered } from "./buffer.ts"

/** A buffer of processed records: those of one partition, or of one kind of failure. */
export interface OutputBuffer extends Buffered {
  readonly id: string
  readonly blocks: BlockList
  /** When its first block was stored, by the wall clock and by `Clock.elapsed`. */
  readonly openedMs: number
  readonly openedElapsedMs: number
}

export interface BufferedBlock extends StoredBlock {
  readonly storedMs: number
}

/** The buffers of one partition that are not decided. */
export class OutputBuffers {
  readonly #open = new Map<string, OutputBuffer>()
  /** Those that can't grow, in the order in which they became full. */
  readonly #full: OutputBuffer[] = []

  /** Bytes that its open buffer holds. */
  sizeBytes(id: string): number {
    return this.#open.get(id)?.sizeBytes ?? 0
  }

  get fullCount(): number {
    return this.#full.length
  }

  /** Of the first block that is in any; undefined when there is none. */
  get firstPosition(): Position | undefined {
    let first: Position | undefined
    for (const { from } of this.#all()) if (first === undefined || from < first) first = from
    return first
  }

  get oldestArrivalMs(): number | undefined {
    let oldest: number | undefined
    for (const { oldestArrivalMs } of this.#all()) oldest = Math.min(oldest ?? oldestArrivalMs, oldestArrivalMs)
    return oldest
  }

  get recordCount(): number {
    let count = 0
    for (const { recordCount } of this.#all()) count += recordCount
    return count
  }

  /** Adds a block that was stored after all that are there. Answers the buffer that it begins, if it begins one. */
  add(output: BatchOutput, block: BufferedBlock, bufferBytesMax: number, elapsedMs: number): OutputBuffer | undefined {
    const id = outputId(output)
    const before = this.#open.get(id)
    const buffer = grown(before ?? begun(id, output, block, elapsedMs), block)
    if (buffer.sizeBytes >= bufferBytesMax) {
      this.#open.delete(id)
      this.#full.push(buffer)
    } else {
      this.#open.set(id, buffer)
    }
    return before === undefined ? buffer : undefined
  }

  /** Takes out the next full buffer. */
  takeFull(): OutputBuffer | undefined {
    return this.#full.shift()
  }

  /** The open buffer for which `dueMs` answers least, and that. */
  nextDue(
    dueMs: (buffer: OutputBuffer) => number,
  ): { readonly buffer: OutputBuffer; readonly dueMs: number } | undefined {
    let next: { readonly buffer: OutputBuffer; readonly dueMs: number } | undefined
    for (const buffer of this.#open.values()) {
      const due = dueMs(buffer)
      if (next === undefined || due < next.dueMs) next = { buffer, dueMs: due }
    }
    return next
  }

  /** Takes out an open buffer, as it is by now: it may have become full, and then is the next full one. */
  take({ id }: OutputBuffer): OutputBuffer | undefined {
    const buffer = this.#open.get(id)
    this.#open.delete(id)
    return buffer
  }

  *#all() {
    yield* this.#full
    yield* this.#open.values()
  }
}

function begun(id: string, output: BatchOutput, block: BufferedBlock, elapsedMs: number): OutputBuffer {
  return {
    id,
    output,
    blocks: new BlockList(),
    from: block.position,
    to: block.position,
    recordCount: 0,
    lostCount: 0,
    sizeBytes: 0,
    sourceBytes: 0,
    oldestArrivalMs: block.oldestArrivalMs,
    newestArrivalMs: block.newestArrivalMs,
    openedMs: block.storedMs,
    openedElapsedMs: elapsedMs,
  }
}

function grown(buffer: OutputBuffer, block: BufferedBlock): OutputBuffer {
  buffer.blocks.add(block)
  return {
    ...buffer,
    to: advance(asPosition(block.position), 1),
    recordCount: buffer.recordCount + block.recordCount,
    sizeBytes: buffer.sizeBytes + block.sizeBytes,
    sourceBytes: buffer.sourceBytes + block.sourceBytes,
    oldestArrivalMs: Math.min(buffer.oldestArrivalMs, block.oldestArrivalMs),
    newestArrivalMs: Math.max(buffer.newestArrivalMs, block.newestArrivalMs),
  }
}

import { compress } from "snappy"
import { blocks } from "./blocks.ts"

/** The block size that snappy-java takes by default, for both of its streams (spec/s3.md, section 5.1). */
const blockBytes = 32 * 1024

/** Enough to keep the threads that compress busy while one block is waited for and written. */
const blocksInFlightMax = 8

export interface SnappyBlock {
  readonly plainBytes: number
  /** A raw Snappy block. */
  readonly compressed: Buffer
}

/** The input as raw Snappy blocks, in its order. Several are compressed at once, in other threads. */
export async function* snappyBlocks(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<SnappyBlock> {
  const inFlight: Promise<SnappyBlock>[] = []
  try {
    for await (const block of blocks(bytes, blockBytes)) {
      const pending = snappyBlock(block)
      // A failure is thrown when the block's turn comes; until then it must not count as one that nobody handles.
      pending.catch(() => {})
      inFlight.push(pending)
      if (inFlight.length < blocksInFlightMax) continue
      const oldest = inFlight.shift()
      if (oldest !== undefined) yield oldest
    }
    for (const block of inFlight) yield block
  } finally {
    await Promise.allSettled(inFlight)
  }
}

async function snappyBlock(block: Buffer): Promise<SnappyBlock> {
  return { plainBytes: block.byteLength, compressed: await compress(block) }
}

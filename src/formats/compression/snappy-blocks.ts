import { compressSync } from "snappy"
import type { Work, Workers } from "../../workers/index.ts"
import { blocks } from "./blocks.ts"
import { inOrder } from "./in-order.ts"

/** The block size that snappy-java takes by default, for both of its streams (spec/s3.md, section 5.1). */
const blockBytes = 32 * 1024

/** Blocks that are compressed in one step of work. */
const blocksPerStep = 32

/** What stands before a block: both lengths as Hadoop's stream has them, or that of the compressed one alone. */
export type SnappyFraming = "both-lengths" | "compressed-length"

interface PlainBlocks {
  readonly plain: Uint8Array
  readonly framing: SnappyFraming
}

/**
 * Blocks of 32 KiB, the last one shorter, as raw Snappy blocks in their framing.
 * @public a worker thread finds it by its name
 */
export const compressBlocks: Work<PlainBlocks, Uint8Array> = {
  module: import.meta.url,
  name: "compressBlocks",
  run({ plain, framing }) {
    const parts: Buffer[] = []
    for (let at = 0; at < plain.byteLength; at += blockBytes) {
      const block = plain.subarray(at, at + blockBytes)
      // The package takes a Buffer only.
      const compressed = compressSync(Buffer.from(block.buffer, block.byteOffset, block.byteLength))
      const lengths = framing === "both-lengths" ? [block.byteLength, compressed.byteLength] : [compressed.byteLength]
      parts.push(...lengths.map(int32), compressed)
    }
    return Buffer.concat(parts)
  },
}

/** The input as framed Snappy blocks, in its order. */
export function snappyBlocks(
  bytes: AsyncIterable<Uint8Array>,
  workers: Workers,
  framing: SnappyFraming,
): AsyncGenerator<Uint8Array> {
  const steps = blocks(bytes, blocksPerStep * blockBytes)
  return inOrder(steps, (plain) => workers.run(compressBlocks, { plain, framing }))
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

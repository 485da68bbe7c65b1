import { constants, crc32, deflateRawSync } from "node:zlib"
import type { Work, Workers } from "../../workers/index.ts"
import { blocks } from "./blocks.ts"
import { combineCrc } from "./combine-crc.ts"
import { inOrder } from "./in-order.ts"

/** Compressed by themselves, so that several can be at once: what that costs in size is less than a hundredth. */
const blockBytes = 1024 * 1024

/** An empty last block: what the deflated blocks of an object end with, since none of them is known to be the last. */
const streamEnd = Buffer.from([0x03, 0x00])

/** The members and entries of gzip and ZIP say at their end what was in them. */
export interface Deflated {
  readonly crc: number
  readonly plainBytes: number
  readonly compressedBytes: number
}

interface DeflatedBlock {
  readonly data: Uint8Array
  readonly crc: number
  readonly plainBytes: number
}

/**
 * A block as a part of a deflate stream (RFC 1951) that ends at a whole byte, so that others can follow.
 * @public a worker thread finds it by its name
 */
export const deflateBlock: Work<Uint8Array, DeflatedBlock> = {
  module: import.meta.url,
  name: "deflateBlock",
  run: (plain) => ({
    data: deflateRawSync(plain, { level: 6, finishFlush: constants.Z_SYNC_FLUSH }),
    crc: crc32(plain),
    plainBytes: plain.byteLength,
  }),
}

/** Yields `bytes` as one deflate stream, and returns what a container has to say of it. */
export async function* deflate(
  bytes: AsyncIterable<Uint8Array>,
  workers: Workers,
): AsyncGenerator<Uint8Array, Deflated> {
  let crc = 0
  let plainBytes = 0
  let compressedBytes = streamEnd.byteLength
  for await (const block of inOrder(blocks(bytes, blockBytes), (block) => workers.run(deflateBlock, block))) {
    crc = combineCrc(crc, block.crc, block.plainBytes)
    plainBytes += block.plainBytes
    compressedBytes += block.data.byteLength
    yield block.data
  }
  yield streamEnd
  return { crc, plainBytes, compressedBytes }
}

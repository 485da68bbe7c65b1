import { uncompressSync } from "snappy"
import { ByteReader } from "./byte-reader.ts"

/** More than any writer puts in one block: a length beyond it is damage, and must not be given memory. */
const blockBytesMax = 64 * 1024 * 1024

/** The content of a snappy-java stream: `header`, and then blocks with the length of each before it (snappy.ts). */
export async function* readSnappyJava(bytes: AsyncIterable<Uint8Array>, header: Buffer): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(bytes)
  try {
    const found = await reader.require(header.byteLength)
    // The two versions behind the mark may be others.
    if (!found.subarray(0, 8).equals(header.subarray(0, 8))) throw new Error("it is not a stream of snappy-java")
    for (let length = await reader.take(4); length !== undefined; length = await reader.take(4)) {
      yield plainBlock(await reader.require(blockLength(length)))
    }
  } finally {
    await reader.close()
  }
}

/**
 * The content of a Hadoop stream: the length of some input, and then blocks, each with its length before it, until that input
 * is whole (hadoop-snappy.ts). Hydrant and snappy-java write one block for each; Hadoop itself may write several.
 */
export async function* readHadoopSnappy(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(bytes)
  try {
    for (let length = await reader.take(4); length !== undefined; length = await reader.take(4)) {
      let leftBytes = blockLength(length)
      while (leftBytes > 0) {
        const plain = plainBlock(await reader.require(blockLength(await reader.require(4))))
        leftBytes -= plain.byteLength
        if (leftBytes < 0 || plain.byteLength === 0) throw new Error("a Snappy block is not as long as it says")
        yield plain
      }
    }
  } finally {
    await reader.close()
  }
}

function blockLength(int32: Buffer): number {
  const lengthBytes = int32.readInt32BE(0)
  if (lengthBytes < 0 || lengthBytes > blockBytesMax)
    throw new Error(`${lengthBytes} is not the length of a Snappy block`)
  return lengthBytes
}

function plainBlock(block: Buffer): Buffer {
  if (plainLength(block) > blockBytesMax) throw new Error("a Snappy block says that it holds more than any can")
  const plain = uncompressSync(block, { asBuffer: true })
  if (typeof plain === "string") throw new Error("the snappy package answered with a text")
  return plain
}

/** A raw block begins with its plain length: seven bits in each byte, the lowest first. */
function plainLength(block: Buffer): number {
  let length = 0
  for (let index = 0; index < 5; index++) {
    const byte = block[index] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) break
  }
  return length
}

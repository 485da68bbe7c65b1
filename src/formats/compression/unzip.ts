import { once } from "node:events"
import { crc32, createInflateRaw, type InflateRaw } from "node:zlib"
import { ByteReader } from "./byte-reader.ts"

/** The end record may be followed by a comment of up to 65,535 bytes; the central directory's one entry has a name. */
const tailBytesMax = 2 * 65_536 + 128

/**
 * The content of a ZIP file's one deflated entry, while it is read (zip.ts has the layout). Its CRC and sizes are held against
 * the central directory, when the content was given.
 *
 * @throws Error when it is not such a file, or damaged
 */
export async function* unzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(bytes)
  const inflate = createInflateRaw()
  const tail = new Tail()
  let feeding: Promise<void> | undefined
  try {
    await skipLocalHeader(reader)
    // Its failure is told by the inflating stream, which it ends.
    feeding = feed(reader, inflate, tail).catch((error: Error) => void inflate.destroy(error))
    let crc = 0
    let plainBytes = 0
    for await (const chunk of inflate) {
      crc = crc32(chunk, crc)
      plainBytes += chunk.byteLength
      yield chunk
    }
    await feeding
    checkDirectory(tail.bytes(), { crc, plainBytes })
  } finally {
    inflate.destroy()
    await feeding
    await reader.close()
  }
}

async function skipLocalHeader(reader: ByteReader): Promise<void> {
  const header = await reader.require(30)
  if (header.readUInt32LE(0) !== 0x04034b50) throw new Error("it is not a ZIP file")
  if ((header.readUInt16LE(6) & 1) !== 0) throw new Error("the ZIP file is encrypted")
  if (header.readUInt16LE(8) !== 8) throw new Error("the ZIP file's entry is not deflated")
  await reader.require(header.readUInt16LE(26) + header.readUInt16LE(28))
}

/** Where the deflate stream ends is known to the inflating stream alone: it gets the bytes until it ends, the tail all of them. */
async function feed(reader: ByteReader, inflate: InflateRaw, tail: Tail): Promise<void> {
  const over = Promise.race([once(inflate, "end"), once(inflate, "close")]).then(() => "over" as const)
  // An error of the inflating stream is thrown where it is read.
  over.catch(() => {})
  let isOver = false
  for await (const chunk of reader.rest()) {
    const copy = Buffer.from(chunk)
    tail.add(copy)
    if (inflate.destroyed && !inflate.readableEnded) return
    if (isOver) continue
    // What stands behind the deflate stream is never taken, and its write never ends.
    const written = new Promise<undefined>((resolve) => inflate.write(copy, () => resolve(undefined)))
    isOver = (await Promise.race([written, over]).catch(() => "over" as const)) === "over"
  }
  if (!isOver) inflate.end()
}

/** The last bytes of the file. */
class Tail {
  #chunks: Buffer[] = []
  #sizeBytes = 0

  add(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#sizeBytes += chunk.byteLength
    for (;;) {
      const first = this.#chunks[0]
      if (first === undefined || this.#sizeBytes - first.byteLength < tailBytesMax) return
      this.#chunks.shift()
      this.#sizeBytes -= first.byteLength
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

function checkDirectory(tail: Buffer, read: { readonly crc: number; readonly plainBytes: number }): void {
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || end + 22 > tail.byteLength) throw new Error("the ZIP file ends early: it has no directory")
  const entryCount = tail.readUInt16LE(end + 10)
  if (entryCount !== 1) throw new Error(`the ZIP file has ${entryCount} entries; one is expected`)
  const central = end - tail.readUInt32LE(end + 12)
  if (central < 0 || end - central < 46 || tail.readUInt32LE(central) !== 0x02014b50) {
    throw new Error("the ZIP file's directory is damaged")
  }
  const isSame =
    tail.readUInt32LE(central + 16) === read.crc && tail.readUInt32LE(central + 24) === read.plainBytes % 2 ** 32
  if (!isSame) throw new Error("the ZIP file's content is not what its directory says: it is damaged")
}

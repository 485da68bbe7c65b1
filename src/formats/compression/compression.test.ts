import assert from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"
import { crc32, gunzipSync } from "node:zlib"
import fc from "fast-check"
import { uncompress } from "snappy"
import { type Entry, fromBufferPromise } from "yauzl"
import { createWorkerThreads, hereAndNow } from "../../workers/index.ts"
import { compression, compressions, detectCompression, detectionBytes } from "../index.ts"
import type { Compression, CompressionName } from "./compression.ts"

const fixtures = path.join("test", "fixtures", "compression")
const entryName = "046b6c7f-0b8a-4b3c-9d2e-5abf82daaa51"
const context = { entryName, workers: hereAndNow }

test("Each compression has the extension and the Content-Encoding that AWS's objects have", () => {
  const seen = compressions.map(({ name, extension, contentEncoding }) => [name, extension, contentEncoding])
  assert.deepEqual(seen, [
    ["ZIP", ".zip", "zip"],
    ["HADOOP_SNAPPY", ".snappy", "hadoop-snappy"],
    ["Snappy", ".snappy", "snappy-java"],
    ["GZIP", ".gz", "gzip"],
    ["UNCOMPRESSED", "", undefined],
  ])
  for (const { name } of compressions) assert.equal(compression(name).name, name)
})

for (const tested of compressions) {
  test(`${tested.name} is read back by a decoder of others, however the input is cut into chunks`, async () => {
    await fc.assert(
      fc.asyncProperty(content(), chunkLengths(), chunkLengths(), async (input, lengths, otherLengths) => {
        const output = await compressed(tested, cut(input, lengths))
        assert.deepEqual(await decoders[tested.name](output), input)
        assert.deepEqual(await compressed(tested, cut(input, otherLengths)), output)
      }),
      { numRuns: 40 },
    )
  })

  test(`${tested.name} is read back by its own decoder, however its bytes are cut into chunks`, async () => {
    await fc.assert(
      fc.asyncProperty(content(), chunkLengths(), async (input, lengths) => {
        const output = await compressed(tested, cut(input, []))
        assert.deepEqual(await collect(tested.decompress(cut(output, lengths))), input)
        const found = detectCompression(output.subarray(0, detectionBytes), { name: "x", contentEncoding: undefined })
        // Nothing at all may be of any kind, and what is not compressed here is anything but text.
        assert.ok(found === tested || output.byteLength === 0 || tested.name === "UNCOMPRESSED")
      }),
      { numRuns: 40 },
    )
  })

  test(`${tested.name}'s decoder throws the error of its source, and closes it when its reader stops early`, async () => {
    const output = await compressed(tested, cut(randomBytes(3_000_000), []))
    const failure = new Error("the store hung up")
    const breaking = async function* () {
      yield output.subarray(0, 1_000_000)
      throw failure
    }
    await assert.rejects(collect(tested.decompress(breaking())), failure)

    let closed = false
    let givenBytes = 0
    const watched = async function* () {
      try {
        for (let at = 0; at < output.byteLength; at += 10_000) {
          givenBytes = at
          yield output.subarray(at, at + 10_000)
        }
      } finally {
        closed = true
      }
    }
    for await (const _ of tested.decompress(watched())) break
    // A stream between the two is ended by its own event.
    while (!closed) await new Promise(setImmediate)
    assert.ok(givenBytes < 1_000_000)
  })

  test(`${tested.name} throws the error of its source, and nothing is left waiting`, async () => {
    const failure = new Error("the log cannot be read")
    for (const bytesBefore of [0, 100, 5_000_000]) {
      const source = noise(bytesBefore, () => {
        throw failure
      })
      await assert.rejects(compressed(tested, source.bytes), failure)
    }
  })

  test(`${tested.name} closes its source when the reader stops early`, async () => {
    const source = noise(50_000_000)
    let receivedBytes = 0
    for await (const chunk of tested.compress(source.bytes, context)) {
      receivedBytes += chunk.byteLength
      if (receivedBytes > 1000) break
    }
    assert(source.closed())
    assert(source.givenBytes() < 7_000_000)
  })

  test(`${tested.name} reads no further ahead than a few blocks`, async () => {
    const source = noise(20_000_000)
    let receivedBytes = 0
    for await (const chunk of tested.compress(source.bytes, context)) {
      receivedBytes += chunk.byteLength
      // What is noise does not become smaller: what was given and has not come out is held in memory.
      assert(source.givenBytes() - receivedBytes < 6_000_000)
    }
    assert(receivedBytes >= 20_000_000)
    assert(source.closed())
  })
}

test("Worker threads make the same bytes as the work that is done here", async (t) => {
  const workers = createWorkerThreads({ threadsMax: 2, onFailure: (error) => t.diagnostic(String(error)) })
  t.after(() => workers.close())
  const input = Buffer.alloc(5_000_000, randomBytes(100_000))
  for (const tested of compressions) {
    const output = await collect(tested.compress(cut(input, [1, 300_000]), { entryName, workers }))
    assert(output.equals(await compressed(tested, cut(input, []))), tested.name)
    assert((await decoders[tested.name](output)).equals(input), tested.name)
  }
})

test("A ZIP file has one deflated entry whose time does not depend on when and where it was made", async () => {
  const output = await compressed(compression("ZIP"), cut(Buffer.from("one\ntwo\n"), [3]))
  const [entry, ...others] = (await unzip(output)).map(({ entry }) => entry)
  assert.equal(others.length, 0)
  assert.equal(entry?.fileName, entryName)
  assert.equal(entry?.compressionMethod, 8)
  assert.deepEqual([entry?.lastModFileDate, entry?.lastModFileTime], [(1 << 5) | 1, 0])
})

test("A gzip member carries no time", async () => {
  const output = await compressed(compression("GZIP"), cut(Buffer.from("one\ntwo\n"), [3]))
  assert.equal(output.readUInt32LE(4), 0)
})

for (const name of readdirSync(fixtures).filter((file) => !file.includes("."))) {
  const input = readFileSync(path.join(fixtures, name))

  test(`What snappy-java made of "${name}" is decoded, and ours is built of the same blocks`, async () => {
    for (const [ours, extension, parse] of [
      ["Snappy", "snappy-java", parseSnappyJava],
      ["HADOOP_SNAPPY", "hadoop-snappy", parseHadoopSnappy],
    ] as const) {
      const theirs = await parse(readFileSync(path.join(fixtures, `${name}.${extension}`)))
      assert.deepEqual(Buffer.concat(theirs), input)
      assert.deepEqual(await parse(await compressed(compression(ours), cut(input, [1000]))), theirs)
    }
  })
}

for (const name of ["GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"] as const) {
  test(`${name} that was cut short or changed is told, and not taken for less`, async () => {
    const input = Buffer.alloc(200_000, randomBytes(70_000))
    const output = await compressed(compression(name), cut(input, []))
    const decoded = (bytes: Buffer) => collect(compression(name).decompress(cut(bytes, [])))
    for (const bytes of [1, 10, 40, 50_000, output.byteLength - 1]) {
      // Between two blocks of Snappy nothing tells that more should come: neither form has an end mark.
      await assert.rejects(decoded(output.subarray(0, bytes)), Error, `${bytes} bytes`)
    }
    const changed = Buffer.from(output)
    // In a length for Snappy, which has no checksums; in the data for the others.
    const at = { GZIP: 60_000, ZIP: 60_000, Snappy: 16, HADOOP_SNAPPY: 4 }[name]
    changed[at] = (changed[at] ?? 0) ^ 0x40
    await assert.rejects(decoded(changed))
  })
}

test("A ZIP file of several entries, or of one that is only stored, is refused", async () => {
  const output = await compressed(compression("ZIP"), cut(Buffer.from("one"), []))
  const several = Buffer.from(output)
  several.writeUInt16LE(2, output.byteLength - 12)
  await assert.rejects(collect(compression("ZIP").decompress(cut(several, []))), /has 2 entries/)
  const stored = Buffer.from(output)
  stored.writeUInt16LE(0, 8)
  await assert.rejects(collect(compression("ZIP").decompress(cut(stored, []))), /not deflated/)
})

test("How an object is compressed is told by its first bytes, and by what it is called where those do not say", () => {
  const detected = (head: string, name = "key", contentEncoding?: string) =>
    detectCompression(Buffer.from(head, "hex"), { name, contentEncoding }).name
  assert.equal(detected(""), "UNCOMPRESSED")
  assert.equal(detected("7b22"), "UNCOMPRESSED")
  assert.equal(detected("7b22", "key.gz", "gzip"), "UNCOMPRESSED")
  assert.equal(detected("1f8b08", "key.json"), "GZIP")
  assert.equal(detected("504b0304"), "ZIP")
  assert.equal(detected("82534e4150505900"), "Snappy")
  assert.equal(detected("00008000"), "HADOOP_SNAPPY")
  assert.equal(detected("01000000", "key.snappy"), "HADOOP_SNAPPY")
  assert.equal(detected("7b22", "key.snappy"), "UNCOMPRESSED")
})

/** Decoders that share nothing with the encoders: the blocks' framing is parsed here as the sheet describes it. */
const decoders: Record<CompressionName, (bytes: Buffer) => Promise<Buffer>> = {
  UNCOMPRESSED: async (bytes) => bytes,
  GZIP: async (bytes) => gunzipSync(bytes),
  ZIP: async (bytes) => Buffer.concat((await unzip(bytes)).map(({ content }) => content)),
  Snappy: async (bytes) => Buffer.concat(await parseSnappyJava(bytes)),
  HADOOP_SNAPPY: async (bytes) => Buffer.concat(await parseHadoopSnappy(bytes)),
}

/** The plain blocks of a snappy-java stream. */
async function parseSnappyJava(bytes: Buffer): Promise<Buffer[]> {
  assert.equal(bytes.toString("hex", 0, 16), "82534e41505059000000000100000001")
  const plain: Buffer[] = []
  let offset = 16
  while (offset < bytes.byteLength) {
    const lengthBytes = bytes.readInt32BE(offset)
    offset += 4
    plain.push(await plainBlock(bytes.subarray(offset, offset + lengthBytes)))
    offset += lengthBytes
  }
  assertBlockLengths(plain)
  return plain
}

/** The plain blocks of a Hadoop stream. */
async function parseHadoopSnappy(bytes: Buffer): Promise<Buffer[]> {
  const plain: Buffer[] = []
  let offset = 0
  while (offset < bytes.byteLength) {
    const plainBytes = bytes.readInt32BE(offset)
    const lengthBytes = bytes.readInt32BE(offset + 4)
    offset += 8
    const block = await plainBlock(bytes.subarray(offset, offset + lengthBytes))
    assert.equal(block.byteLength, plainBytes)
    plain.push(block)
    offset += lengthBytes
  }
  assertBlockLengths(plain)
  return plain
}

async function plainBlock(compressedBlock: Buffer): Promise<Buffer> {
  const plain = await uncompress(compressedBlock, { asBuffer: true })
  assert(Buffer.isBuffer(plain))
  return plain
}

function assertBlockLengths(plain: readonly Buffer[]): void {
  for (const block of plain.slice(0, -1)) assert.equal(block.byteLength, 32_768)
  for (const block of plain.slice(-1)) assert(block.byteLength > 0 && block.byteLength <= 32_768)
}

/** The entries of a ZIP file; checks their lengths and CRCs, as `unzip -t` does. */
async function unzip(bytes: Buffer): Promise<{ entry: Entry; content: Buffer }[]> {
  const file = await fromBufferPromise(bytes, { lazyEntries: true, strictFileNames: true, validateEntrySizes: true })
  const entries: { entry: Entry; content: Buffer }[] = []
  for await (const entry of file.eachEntry()) {
    const content = await collect(await file.openReadStreamPromise(entry))
    assert.equal(crc32(content), entry.crc32)
    entries.push({ entry, content })
  }
  return entries
}

/** Some text that compresses well or some that does not, often ending near the border of a block. */
function content(): fc.Arbitrary<Buffer> {
  const lengthBytes = fc.oneof(
    fc.integer({ min: 0, max: 200_000 }),
    fc
      .tuple(fc.constantFrom(0, 32_768, 65_536, 131_072, 1_048_576, 2_097_152), fc.integer({ min: -2, max: 2 }))
      .map(([border, distance]) => Math.max(0, border + distance)),
  )
  const pattern = fc.uint8Array({ minLength: 1, maxLength: 5000 })
  return fc.tuple(lengthBytes, pattern).map(([length, repeated]) => Buffer.alloc(length, repeated))
}

function chunkLengths(): fc.Arbitrary<number[]> {
  return fc.array(fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 100_000 })), { maxLength: 50 })
}

/** `input` in chunks of these lengths, the rest in one. Each chunk is overwritten once the next one is asked for. */
async function* cut(input: Buffer, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  let offset = 0
  for (const length of [...lengths, input.byteLength]) {
    const chunk = Buffer.from(input.subarray(offset, offset + length))
    offset += chunk.byteLength
    yield chunk
    chunk.fill(0xff)
  }
}

/** Bytes that do not compress, in chunks of 10,000, and then what `end` does. It tells how far it was read. */
function noise(lengthBytes: number, end: () => void = () => {}) {
  let givenBytes = 0
  let closed = false
  async function* bytes(): AsyncGenerator<Uint8Array> {
    try {
      while (givenBytes < lengthBytes) {
        givenBytes += 10_000
        yield randomBytes(10_000)
      }
      end()
    } finally {
      closed = true
    }
  }
  return { bytes: bytes(), givenBytes: () => givenBytes, closed: () => closed }
}

function compressed(tested: Compression, bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return collect(tested.compress(bytes, context))
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

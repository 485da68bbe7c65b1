import assert from "node:assert/strict"
import { test } from "node:test"
import { inflateRawSync } from "node:zlib"
import { uncompressSync } from "snappy"
import { chunkBytesMax, store } from "./compression.ts"

/** Chunks of what was stored: where each begins, whether it is compressed, and its bytes. */
function chunks(bytes: Uint8Array) {
  const buffer = Buffer.from(bytes)
  const found: { readonly start: number; readonly isOriginal: boolean; readonly content: Buffer }[] = []
  for (let at = 0; at < buffer.length; ) {
    const header = buffer.readUIntLE(at, 3)
    found.push({ start: at, isOriginal: header % 2 === 1, content: buffer.subarray(at + 3, at + 3 + (header >> 1)) })
    at += 3 + (header >> 1)
  }
  return found
}

const text = Buffer.alloc(2 * chunkBytesMax + 10, "the same over and over ")

test("Without compression all is as it is", () => {
  const { bytes, locate } = store(text, "NONE")
  assert.equal(bytes, text)
  assert.deepEqual(locate(300_000), [300_000])
})

test("What compresses is in chunks of raw deflate or Snappy", () => {
  for (const compression of ["ZLIB", "SNAPPY"] as const) {
    const { bytes, locate } = store(text, compression)
    const [first, second, third, ...others] = chunks(bytes)
    assert.ok(first && second && third && others.length === 0)
    const plain = [first, second, third].map(({ isOriginal, content }) => {
      if (isOriginal) return content
      return compression === "ZLIB" ? inflateRawSync(content) : Buffer.from(uncompressSync(content))
    })
    assert.deepEqual(Buffer.concat(plain), text)
    assert.deepEqual(
      [first, second].map(({ isOriginal }) => isOriginal),
      [false, false],
    )
    assert.deepEqual(locate(0), [0, 0])
    assert.deepEqual(locate(chunkBytesMax - 1), [0, chunkBytesMax - 1])
    assert.deepEqual(locate(chunkBytesMax), [second.start, 0])
    assert.deepEqual(locate(text.length), [third.start, 10])
  }
})

test("What does not compress is as it is, with a header that says so", () => {
  for (const compression of ["ZLIB", "SNAPPY"] as const) {
    // The specification's example: five bytes.
    assert.equal(Buffer.from(store(Buffer.from("abcde"), compression).bytes).toString("hex"), "0b00006162636465")
  }
})

test("Of nothing there is nothing, which begins at 0", () => {
  const { bytes, locate } = store(new Uint8Array(), "ZLIB")
  assert.equal(bytes.length, 0)
  assert.deepEqual(locate(0), [0, 0])
})

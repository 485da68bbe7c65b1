import assert from "node:assert/strict"
import { test } from "node:test"
import { deflateSync, gzipSync } from "node:zlib"
import fc from "fast-check"
import { decompress, decompressedBytesMax } from "./decompression.ts"
import { configured, process, startMs, texts } from "./testing.ts"

const processors = [configured("Decompression")]
const one = gzipSync("one")

test("records are what was in their gzip, and are counted", async () => {
  const processed = await process(processors, [one, gzipSync(""), gzipSync("three"), "plain"])
  assert.deepEqual(texts(processed), ["0:one", "1:", "2:three"])
  assert.deepEqual(processed.failures, [
    {
      source: 3,
      kind: "decompression-failed",
      code: "Decompression.Failed",
      message: "The record is not GZIP: incorrect header check",
      attemptsMade: 1,
      attemptEndedMs: startMs,
    },
  ])
  assert.deepEqual(processed.counts, [
    { name: "OutputDecompressedRecords.Success", amount: 3 },
    { name: "OutputDecompressedBytes.Success", amount: 8 },
    { name: "OutputDecompressedRecords.Failed", amount: 1 },
    { name: "OutputDecompressedBytes.Failed", amount: 5 },
  ])
})

test("several members are one record, and zeros may follow them", async () => {
  const records = [Buffer.concat([one, gzipSync("two")]), Buffer.concat([one, Buffer.alloc(700)])]
  assert.deepEqual(texts(await process(processors, records)), ["0:onetwo", "1:one"])
})

test("what is cut, damaged, followed by something else or not gzip at all fails", async () => {
  const damaged = Buffer.from(one)
  damaged[damaged.length - 6] = (damaged[damaged.length - 6] ?? 0) ^ 1
  const records = [
    ...["", "{}", deflateSync("one"), one.subarray(0, 5), one.subarray(0, -1), damaged],
    ...[Buffer.from("garbage"), Buffer.from([0, 0, 1]), Buffer.from([0x1f]), Buffer.from([0x1f, 0x8b, 0xff])].map(
      (rest) => Buffer.concat([one, rest]),
    ),
  ]
  const { records: left, failures } = await process(processors, records)
  assert.deepEqual(texts({ records: left, failures, counts: [] }), [])
  assert.deepEqual(
    failures.map(({ source }) => source),
    records.map((_, index) => index),
  )
  for (const { message } of failures) assert.match(message, /^The record is not GZIP: /)
})

test("a record that would take too much memory fails", async () => {
  const { failures, records } = await process(processors, [
    gzipSync(Buffer.alloc(decompressedBytesMax + 1)),
    gzipSync(Buffer.alloc(decompressedBytesMax)),
  ])
  assert.deepEqual(
    failures.map(({ message }) => message),
    ["The decompressed record is larger than 67108864 bytes"],
  )
  assert.deepEqual(
    records.map(({ data }) => data.length),
    [decompressedBytesMax],
  )
})

test("bytes are what was compressed, or refused, and never anything else", async () => {
  const plain = fc.uint8Array({ maxLength: 2000 })
  await fc.assert(
    fc.asyncProperty(plain, fc.nat(), fc.nat(255), async (bytes, at, flip) => {
      const compressed = gzipSync(bytes)
      const index = at % compressed.length
      compressed[index] = (compressed[index] ?? 0) ^ flip
      const answer = await decompress(compressed)
      if (flip === 0) assert.equal(answer.kind, "decompressed")
      if (answer.kind === "decompressed") assert.deepEqual([...answer.data], [...bytes])
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      assert.equal((await decompress(bytes)).kind, "failed")
    }),
  )
})
